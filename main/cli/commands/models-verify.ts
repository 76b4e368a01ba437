import type { Command } from 'commander'
import { verifyModel } from '../../models/store/verify-model.ts'
import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { listingText } from '../listings/listings.ts'
import { type DataDirFlags, dataDirOf, dataDirOption } from '../node-options.ts'
import { openPartialModels, openStore } from '../open-store.ts'
import type { Terminal } from '../terminal.ts'
import { formatTable } from '../text/table.ts'
import { withProgress } from '../with-progress.ts'
import { folderOrName } from '../text/folder-or-name.ts'

/** `exo models verify` and `exo models du`. */
export function addVerifyCommands(models: Command, program: Command, terminal: Terminal): void {
  models
    .command('verify [models...]')
    .description('read models and check their files against their hashes; without a name: all models')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (names: string[], flags: DataDirFlags & { json?: true }) => {
      const store = await openStore(dataDirOf(program, flags))
      const listing = names.length === 0 ? await store.list() : null
      const chosen = listing?.models ?? (await Promise.all(names.map((name) => store.resolve(folderOrName(name)))))
      const results = await withProgress(terminal, 'Interrupted.', async (progress, signal) => {
        const verified = []
        for (const { modelId, modelDir } of chosen) {
          const files = await verifyModel(modelDir, (done, total) => progress.update(`Reading ${modelId}`, done, total), signal)
          verified.push({ modelId, modelDir, files })
        }
        return verified
      })
      const problems = [
        ...(listing?.damaged ?? []).map(({ modelId, modelDir, message }) => ({ modelId, name: modelDir, problem: message })),
        ...results.flatMap(({ modelId, files }) =>
          files.flatMap(({ name, problem }) => (problem === null ? [] : [{ modelId, name, problem }])),
        ),
      ]
      if (flags.json) terminal.line(listingText('models verify', results))
      else {
        terminal.line(
          formatTable([
            ['MODEL', 'FILES', 'SIZE', 'BY HASH', 'RESULT'],
            ...results.map(({ modelId, files }) => [
              modelId,
              String(files.length),
              formatBytes(files.reduce((total, { bytes }) => total + bytes, 0)),
              String(files.filter(({ by }) => by === 'hash').length),
              files.some(({ problem }) => problem !== null) ? 'damaged' : 'good',
            ]),
          ]),
        )
        for (const { modelId, name, problem } of problems) terminal.line(`${modelId}: ${name}: ${problem}`)
      }
      const [first] = problems
      if (first)
        throw new AppError(
          'model-damaged',
          `${first.modelId} is damaged. Delete it with exo models rm ${first.modelId}, and download it again.`,
          {
            problems,
          },
        )
    })

  models
    .command('du')
    .description('show how much space the models take, largest first')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlags & { json?: true }) => {
      const dataDir = dataDirOf(program, flags)
      const { models: whole } = await (await openStore(dataDir)).list()
      const rows = [
        ...whole.map(({ modelId, modelDir, card }) => ({ modelId, bytes: card.weightBytes, isWhole: true, where: modelDir })),
        ...(await openPartialModels(dataDir)).map(({ modelId, dir, presentBytes }) => ({
          modelId,
          bytes: presentBytes,
          isWhole: false,
          where: dir,
        })),
      ].sort((a, b) => b.bytes - a.bytes)
      const totalBytes = rows.reduce((total, { bytes }) => total + bytes, 0)
      if (flags.json) return terminal.line(listingText('models du', { totalBytes, models: rows }))
      terminal.line(
        formatTable([
          ['SIZE', 'MODEL', '', 'WHERE'],
          ...rows.map(({ modelId, bytes, isWhole, where }) => [formatBytes(bytes), modelId, isWhole ? '' : 'partial', where]),
          [formatBytes(totalBytes), 'in all', '', ''],
        ]),
      )
    })
}
