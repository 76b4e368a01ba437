import type { Command } from 'commander'
import type { ModelStore } from '../../models/store/model-store.ts'
import { formatBytes } from '../../shared/byte-size.ts'
import { interruption } from '../interruption.ts'
import { dataDirOf, dataDirOption } from '../node-options.ts'
import { openStore } from '../open-store.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface DataDirFlags {
  dataDir?: string
}

/** `exo models ls|import|rm`. */
export function addModelsCommand(program: Command, terminal: Terminal): void {
  const storeOf = (flags: DataDirFlags): Promise<ModelStore> => openStore(dataDirOf(program, flags))
  const models = program.command('models').description('the models on this machine')

  models
    .command('ls')
    .description('list them')
    .option('--json', 'for programs')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { json?: true }) => {
      const listing = await (await storeOf(flags)).list()
      if (flags.json) return terminal.line(JSON.stringify(listing, null, 2))
      if (listing.models.length + listing.damaged.length === 0) return terminal.line('No models yet. Start exo once for the default model, or: exo models import FILE.gguf')
      const rows = listing.models.map(({ modelId, card }) => [modelId, card.family, formatBytes(card.weightBytes), `${card.contextTokens}`, card.aliases.join(', ')])
      const damaged = listing.damaged.map(({ modelId, message }) => [modelId, 'damaged', '', '', message])
      terminal.line(formatTable([['MODEL', 'FAMILY', 'SIZE', 'CONTEXT', 'ALIASES'], ...rows, ...damaged]))
    })

  models
    .command('import <file>')
    .description('import a GGUF file of a supported family (Q4_0, Q4_1, Q8_0, F16, F32)')
    .option('--id <org/name>', 'what the model is to be called')
    .option('--float16', 'store scales and norms in half the bytes')
    .addOption(dataDirOption())
    .action(async (file: string, flags: DataDirFlags & { id?: string; float16?: true }) => {
      const stop = new AbortController()
      void interruption().then(() => stop.abort(new Error('Interrupted; nothing was imported.')))
      const progress = terminal.progress()
      try {
        const model = await (await storeOf(flags)).import({
          ggufPath: file,
          modelId: flags.id,
          dtype: flags.float16 ? 'float16' : 'float32',
          onProgress: (doneBytes, totalBytes) => progress.update('Importing', doneBytes, totalBytes),
          signal: stop.signal,
        })
        progress.end()
        terminal.line(`${model.modelId}  ${formatBytes(model.card.weightBytes)}  ${model.modelDir}`)
      } finally {
        progress.end()
      }
    })

  models
    .command('rm <model>')
    .description('delete one')
    .addOption(dataDirOption())
    .action(async (model: string, flags: DataDirFlags) => {
      const { modelId } = await (await storeOf(flags)).remove(model)
      terminal.line(`${modelId} is deleted.`)
    })
}
