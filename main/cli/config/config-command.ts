import { readFile, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { changeConfig, checkConfig, type ConfigContent, configPath, readConfig, replaceConfig } from './config-file.ts'
import { type EffectiveSetting, effectiveSettings } from './effective-settings.ts'
import { configSchema, type NodeSetting, nodeSettings, settingNamed } from './node-settings-table.ts'
import { listingText } from '../listings/listings.ts'
import { dataDirOf, type DataDirFlags, dataDirOption } from '../node-options.ts'
import type { Terminal } from '../terminal.ts'
import { formatTable } from '../text/table.ts'
import { UsageError } from '../usage-error.ts'

/** Settings whose values are not shown. */
const SECRET: ReadonlySet<string> = new Set(['api-token', 'cluster-key'])

/** `exo config`: the settings of a node, which flags and the environment override. */
export function addConfigCommand(program: Command, terminal: Terminal): void {
  const config = program.command('config').description("show and change the node's settings; flags and environment variables override them")
  const dataDir = (flags: DataDirFlags): string => dataDirOf(program, flags)

  config
    .command('list')
    .description('list all settings with their values')
    .option('--origin', 'say where each value comes from: the environment, the file or the default')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { origin?: true; json?: true }) => {
      const effective = await readEffective(dataDir(flags))
      if (flags.json) {
        const rows = effective.map(({ setting: { key, environment }, value, origin }) => ({
          key,
          value: shown(key, value) ?? null,
          origin,
          environment,
        }))
        terminal.line(listingText('config list', { file: configPath(dataDir(flags)), settings: rows }))
        return
      }
      const rows = effective.map(({ setting: { key, environment }, value, origin }) => [
        key,
        format(shown(key, value)),
        ...(flags.origin ? [origin, environment] : []),
      ])
      terminal.line(formatTable([['SETTING', 'VALUE', ...(flags.origin ? ['ORIGIN', 'ENVIRONMENT'] : [])], ...rows]))
    })

  config
    .command('get')
    .argument('<setting>', 'such as max-memory')
    .description('print the value of a setting')
    .addOption(dataDirOption())
    .action(async (key: string, flags: DataDirFlags) => {
      const wanted = settingNamed(key, nodeSettings()).key
      const effective = (await readEffective(dataDir(flags))).find(({ setting }) => setting.key === wanted)
      terminal.line(format(effective?.value))
    })

  config
    .command('set')
    .argument('<setting>', 'such as max-memory, or max-memory=48GB')
    .argument('[values...]', 'the value; several for a list')
    .description('save a setting, which applies at the next start')
    .addOption(dataDirOption())
    .action(async (word: string, values: string[], flags: DataDirFlags) => {
      const [key = '', ...rest] = word.split('=')
      const given = rest.length > 0 ? [rest.join('='), ...values] : values
      const setting = settingNamed(key, nodeSettings())
      if (given.length === 0)
        throw new UsageError(`exo config set ${setting.key} needs a value. To remove it: exo config unset ${setting.key}`)
      await changeConfig(dataDir(flags), setting, valueOf(setting, given))
    })

  config
    .command('unset')
    .argument('<setting>', 'such as max-memory')
    .description('remove a setting from the file')
    .addOption(dataDirOption())
    .action(async (key: string, flags: DataDirFlags) => {
      await changeConfig(dataDir(flags), settingNamed(key, nodeSettings()), undefined)
    })

  config
    .command('edit')
    .description('open the file in your editor (VISUAL or EDITOR), and check it afterwards')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags) => edit(dataDir(flags), terminal))

  config
    .command('path')
    .description('print the path of the file')
    .addOption(dataDirOption())
    .action((flags: DataDirFlags) => terminal.line(configPath(dataDir(flags))))

  config
    .command('schema')
    .description('print the JSON schema of the file')
    .action(() => terminal.line(JSON.stringify(configSchema(nodeSettings()), null, 2)))
}

async function readEffective(dataDir: string): Promise<EffectiveSetting[]> {
  const settings = nodeSettings()
  return effectiveSettings(settings, await readConfig(dataDir, settings), process.env)
}

function valueOf({ key, kind, parse }: NodeSetting, values: readonly string[]): unknown {
  if (kind === 'list') return values
  const [text = '', ...others] = values
  if (others.length > 0) throw new UsageError(`${key} takes one value, not ${values.length}.`)
  // The meaning of yes, on and 1 is written as JSON has it.
  if (kind === 'switch') return parse(text) === true
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

const shown = (key: string, value: unknown): unknown => (SECRET.has(key) && value !== undefined ? '(secret)' : value)

function format(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(format).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The edited text replaces the file only if it is valid. */
async function edit(dataDir: string, terminal: Terminal): Promise<void> {
  const path = configPath(dataDir)
  const text = await readFile(path, 'utf8').catch(() => '{}\n')
  const draft = `${path}.edited`
  await writeFile(draft, text, { mode: 0o600 })
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || 'vi'
  const { status, error } = spawnSync(editor, [draft], { stdio: 'inherit', shell: editor.includes(' ') })
  if (error || status !== 0)
    throw new AppError(
      'editor-failed',
      `The editor "${editor}" ${error ? `cannot start: ${error.message}` : `ended with status ${status}`}. Set EDITOR to another one.`,
    )
  const edited = await readFile(draft, 'utf8')
  let content: ConfigContent
  try {
    content = JSON.parse(edited) as ConfigContent
  } catch (cause) {
    throw new AppError(
      'config-damaged',
      `The file is unchanged, because your text is not valid JSON: ${errorMessage(cause)}. Your text is in ${draft}.`,
      { path: draft },
      cause,
    )
  }
  checkConfig(content, nodeSettings())
  await replaceConfig(dataDir, content)
  terminal.line(`Saved ${path}. A running node uses it after its next start.`)
}
