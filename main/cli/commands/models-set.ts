import type { Command } from 'commander'
import { ModelSettingsFile } from '../../models/store/model-settings-file.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelSettings } from '../../shared/models/model-settings.ts'
import { listingText } from '../listings/listings.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { openStore } from '../open-store.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'

const NAMES = Object.keys(ModelSettings.shape)

/** `name=value` on top of the current settings; an empty value clears one. @throws AppError `invalid-request` */
export function changedSettings(before: ModelSettings, pairs: readonly string[]): ModelSettings {
  const changed: Record<string, unknown> = { ...before }
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, at))
    if (!NAMES.includes(name))
      throw new AppError('invalid-request', `"${pair}" is not a setting. Use NAME=VALUE, where NAME is one of ${NAMES.join(', ')}.`)
    const value = pair.slice(at + 1)
    if (value === '') delete changed[name]
    else changed[name] = name === 'system' ? value : Number(value)
  }
  const result = ModelSettings.safeParse(changed)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AppError('invalid-request', `'${issue?.path.join('.') ?? ''}' is invalid: ${issue?.message ?? ''}.`)
}

/** `exo models set`. */
export function addSetCommand(models: Command, program: Command, terminal: Terminal): void {
  models
    .command('set [model] [settings...]')
    .description(
      `set the defaults of a model for requests that do not set them: NAME=VALUE of ${NAMES.join(', ')}; ` +
        'NAME= clears one; without a model: list the settings',
    )
    .option('--json', 'print the settings as JSON')
    .option('--reset', 'clear all settings of the model')
    .addOption(dataDirOption())
    .action(async (name: string | undefined, pairs: string[], flags: { dataDir?: string; reset?: true; json?: true }) => {
      const dataDir = dataDirOf(program, flags)
      const file = new ModelSettingsFile(dataDir)
      const show = (settings: ModelSettings): string =>
        Object.entries(settings)
          .map(([key, value]) => `${key}=${String(value)}`)
          .join(' ')
      if (name === undefined) {
        if (flags.json) return terminal.line(listingText('models set', Object.fromEntries(await file.all())))
        const rows = [...(await file.all())].map(([modelId, settings]) => [modelId, show(settings)])
        return terminal.line(
          rows.length === 0
            ? 'No model has settings. To set one: exo models set MODEL temperature=0.7'
            : formatTable([['MODEL', 'SETTINGS'], ...rows]),
        )
      }
      const { models: known } = await (await openStore(dataDir)).list()
      const model = known.find(({ modelId, card }) => [modelId, ...card.aliases].includes(name) || modelId.endsWith(`/${name}`))
      // A model that is not downloaded yet needs its full id.
      const modelId = model?.modelId ?? (name.includes('/') ? name : null)
      if (modelId === null)
        throw new AppError(
          'model-not-found',
          `Model "${name}" is not on this machine. Run exo models ls to list models, or use the full id of a ` +
            'model you have not downloaded yet.',
        )
      if (pairs.length > 0 || flags.reset) await file.set(modelId, changedSettings(flags.reset ? {} : await file.of(modelId), pairs))
      const settings = await file.of(modelId)
      if (flags.json) return terminal.line(listingText('models set', { [modelId]: settings }))
      terminal.line(Object.keys(settings).length === 0 ? `${modelId} has no settings.` : `${modelId}  ${show(settings)}`)
    })
}
