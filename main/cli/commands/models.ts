import type { Command } from 'commander'
import { findOwnNode } from '../../node/files/node-file.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import { DerivedModels } from '../../models/store/derived-models.ts'
import { readModelAliases, setModelAlias } from '../../models/store/model-aliases.ts'
import { readModelUses } from '../../models/store/model-uses.ts'
import { moveModel } from '../../models/store/move-model.ts'
import { resolvePath } from '../../platform/files/default-folders.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { removeModel } from '../../models/store/remove-model.ts'
import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { type DataDirFlags, dataDirOf, dataDirOption } from '../node-options.ts'
import { openPartialModels, openPlaces, openStore } from '../open-store.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { withProgress } from '../with-progress.ts'
import { addHubCommands } from './models-hub.ts'
import { addQuantizeCommand } from './models-quantize.ts'
import { addSetCommand } from './models-set.ts'
import { addUpdateCommand } from './models-update.ts'
import { addVerifyCommands } from './models-verify.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

/** `exo models ls|pull|mv|rm|import|quantize|search|alias|set|verify|du|update`. */
export function addModelsCommand(program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  const storeOf = (flags: DataDirFlags): Promise<ModelStore> => openStore(dataDirOf(program, flags))
  const models = program.command('models').description('manage the models on this machine')

  models
    .command('ls')
    .description('list the models')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { json?: true }) => {
      const listing = await (await storeOf(flags)).list()
      const partial = await openPartialModels(dataDirOf(program, flags))
      const uses = await readModelUses(dataDirOf(program, flags))
      const derived = await new DerivedModels(dataDirOf(program, flags)).list()
      if (flags.json) {
        const withUses = listing.models.map((model) => ({ ...model, lastUsedEpochMs: uses[model.modelId] ?? null }))
        return terminal.line(
          listingText('models ls', {
            ...listing,
            models: withUses,
            partial,
            derived: derived.map(([name, model]) => ({ name, ...model })),
          }),
        )
      }
      if (listing.models.length + listing.damaged.length + partial.length === 0)
        return terminal.line('No models yet. Start exo once to get the default model, or run exo models pull ID.')
      const rows = listing.models.map(({ modelId, modelDir, card }) => [
        modelId,
        card.family,
        formatBytes(card.weightBytes),
        `${card.contextTokens}`,
        formatDay(uses[modelId]),
        card.aliases.join(', '),
        modelDir,
      ])
      const damaged = listing.damaged.map(({ modelId, modelDir, message }) => [modelId, 'damaged', '', '', '', message, modelDir])
      const parts = partial.map(({ modelId, dir, presentBytes }) => [
        modelId,
        'partial',
        formatBytes(presentBytes),
        '',
        formatDay(uses[modelId]),
        '',
        dir,
      ])
      const made = derived.map(([name, { from }]) => [name, 'made', '', '', '', '', `of ${from}`])
      terminal.line(
        formatTable([['MODEL', 'FAMILY', 'SIZE', 'CONTEXT', 'LAST USED', 'ALIASES', 'WHERE'], ...rows, ...made, ...damaged, ...parts]),
      )
    })

  addHubCommands(models, program, terminal)
  addAliasCommand(models, program, terminal)
  addSetCommand(models, program, terminal)
  addVerifyCommands(models, program, terminal)
  addUpdateCommand(models, program, terminal, spawn)
  addQuantizeCommand(models, program, terminal)

  models
    .command('import <file>')
    .description('import a GGUF file of a supported family, or one of its parts (all K-quants, Q4 to Q8, IQ4, MXFP4, BF16, F16, F32)')
    .option('--id <org/name>', 'id of the imported model')
    .option('--float16', 'store scales and norms in half the bytes')
    .option('--exact', 'store Q2_K, Q3_K and Q6_K as plain numbers instead of quantizing them again: several times the bytes')
    .addOption(dataDirOption())
    .action(async (file: string, flags: DataDirFlags & { id?: string; float16?: true; exact?: true }) => {
      const store = await storeOf(flags)
      const model = await withProgress(terminal, 'Interrupted; nothing was imported.', (progress, signal) =>
        store.import({
          ggufPath: file,
          modelId: flags.id,
          dtype: flags.float16 ? 'float16' : 'float32',
          isExact: flags.exact,
          onProgress: (doneBytes, totalBytes) => progress.update('Importing', doneBytes, totalBytes),
          signal,
        }),
      )
      terminal.line(`${model.modelId}  ${formatBytes(model.card.weightBytes)}  ${model.modelDir}`)
    })

  models
    .command('mv <model> [folder]')
    .description('move a model to another folder, such as on another disk; a link stays where it was, so that every program finds it')
    .option('--back', 'move it back to where it was at first')
    .addOption(dataDirOption())
    .action(async (name: string, folder: string | undefined, flags: DataDirFlags & { back?: true }) => {
      if ((folder === undefined) === (flags.back === undefined))
        throw new UsageError(
          'Say where to: exo models mv MODEL FOLDER, or --back. To give a model another name: exo models alias NAME MODEL',
        )
      const dataDir = dataDirOf(program, flags)
      const { modelId, place } = await (await openStore(dataDir)).placeOf(name)
      await refuseInUse(dataDir, modelId)
      const moved = await withProgress(terminal, 'Interrupted; the model is where it was.', (progress, signal) =>
        moveModel({
          modelId,
          place,
          targetDir: folder === undefined ? null : resolvePath(folder),
          onProgress: (doneBytes, totalBytes) => progress.update(`Moving ${modelId}`, doneBytes, totalBytes),
          signal,
        }),
      )
      terminal.line(`${modelId}  ${formatBytes(moved.bytes)}  ${moved.to}`)
    })

  models
    .command('rm <model>')
    .description('delete a model, including partial downloads')
    .addOption(dataDirOption())
    .action(async (name: string, flags: DataDirFlags) => {
      const dataDir = dataDirOf(program, flags)
      if (await new DerivedModels(dataDir).remove(name)) return terminal.line(`${name} is deleted.`)
      const id = await removeModel(await openPlaces(dataDir), name, (modelId) => refuseInUse(dataDir, modelId))
      terminal.line(`${id} is deleted.`)
    })
}

function addAliasCommand(models: Command, program: Command, terminal: Terminal): void {
  models
    .command('alias [name] [model]')
    .description('give a model another name, such as gpt-4o; without a model: list the aliases')
    .option('--rm', 'remove the alias')
    .option('--json', 'print the aliases as JSON')
    .addOption(dataDirOption())
    .action(async (name: string | undefined, model: string | undefined, flags: DataDirFlags & { rm?: true; json?: true }) => {
      const dataDir = dataDirOf(program, flags)
      if (name !== undefined && (model !== undefined || flags.rm)) {
        await setModelAlias(dataDir, name, flags.rm ? null : (model ?? null))
        return terminal.line(flags.rm ? `${name} is no longer an alias.` : `${name} is now an alias of ${model ?? ''}.`)
      }
      const aliases = Object.entries(await readModelAliases(dataDir)).filter(([known]) => name === undefined || known === name)
      if (flags.json) return terminal.line(listingText('models alias', Object.fromEntries(aliases)))
      terminal.line(
        aliases.length === 0 ? 'No aliases yet. To add one: exo models alias NAME MODEL' : formatTable([['NAME', 'MODEL'], ...aliases]),
      )
    })
}

/** @throws AppError `model-in-use` when the running node has a shard of the model loaded */
async function refuseInUse(dataDir: string, modelId: string): Promise<void> {
  const node = await findOwnNode(dataDir)
  if (!node) return
  const view = parseSaid(ClusterView, await createNodeClient(node.apiUrl, node.apiToken).get('/state'))
  const download = view.downloads.find((candidate) => candidate.modelId === modelId && candidate.nodeId === view.nodeId)
  if (download)
    throw new AppError(
      'model-in-use',
      `${modelId} is being downloaded. Cancel that first: curl -X DELETE ${node.apiUrl}/models/download/${download.id}`,
      { modelId },
    )
  const users = Object.entries(view.instances).filter(
    ([, instance]) => instance.modelId === modelId && instance.shards.some((shard) => shard.nodeId === view.nodeId),
  )
  const [instanceId] = users[0] ?? []
  if (instanceId === undefined) return
  throw new AppError(
    'model-in-use',
    `${modelId} is loaded as ${instanceId}. Unload it first: curl -X DELETE ${node.apiUrl}/instance/${instanceId}`,
    { modelId, instanceId },
  )
}

function formatDay(epochMs: number | undefined): string {
  return epochMs === undefined ? 'never' : new Date(epochMs).toISOString().slice(0, 10)
}
