import { type Command, InvalidArgumentError } from 'commander'
import { readNodeFile } from '../../node/files/node-file.ts'
import { findSnapshot } from '../../models/files/hub-cache.ts'
import { openHub } from '../../models/hub/open-hub.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../../models/store/import-default-model.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import { formatBytes } from '../../shared/byte-size.ts'
import { type DownloadReport, HubRevision, MAIN_REVISION } from '../../shared/download.ts'
import { MODEL_FAMILIES } from '../../shared/model-families.ts'
import { createNodeClient } from '../node-client.ts'
import { type DataDirFlags, dataDirOf, dataDirOption, integer } from '../node-options.ts'
import { chosenCacheDir, openStore, readCatalogue } from '../open-store.ts'
import { installedFiles } from '../process-host.ts'
import { pullThroughNode } from '../pull-through-node.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { withProgress } from '../with-progress.ts'

/** The hub cannot be asked: what is here is all there is. */

function toRevision(text: string): string {
  const { data, error } = HubRevision.safeParse(text)
  if (error) throw new InvalidArgumentError(`${error.issues[0]?.message}.`)
  return data
}

/** `exo models pull|search`. */
export function addHubCommands(models: Command, program: Command, terminal: Terminal): void {
  const openHubHere = async (dataDir: string) =>
    openHub({
      cacheDir: await chosenCacheDir(dataDir),
      cards: await readCatalogue(),
      knownFamilies: MODEL_FAMILIES,
      clock: systemClock,
      random: systemRandom,
    })

  models
    .command('pull <model>')
    .description('download one from the hub, by its id or alias; goes on where an earlier try ended')
    .option('--revision <revision>', 'a branch, a tag or a commit', toRevision, MAIN_REVISION)
    .addOption(dataDirOption())
    .action(async (name: string, flags: DataDirFlags & { revision: string }) => {
      const store = await openStore(dataDirOf(program, flags))
      const hub = await openHubHere(dataDirOf(program, flags))
      const modelId = hub.idOf(name)
      if (modelId === null)
        throw new AppError(
          'invalid-request',
          `"${name}" is no model of the hub: give an id such as mlx-community/Qwen3-0.6B-4bit, or an alias. To look for one: exo models search ${name}`,
        )
      if (modelId === DEFAULT_MODEL_ID) {
        const model = await withProgress(terminal, 'Interrupted; nothing was imported.', (progress, signal) =>
          importDefaultModel(store, installedFiles().defaultModelFile, {
            signal,
            onProgress: (doneBytes, totalBytes) => progress.update('Importing', doneBytes, totalBytes),
          }),
        )
        return terminal.line(`${model.modelId}  ${formatBytes(model.card.weightBytes)}  ${model.modelDir}`)
      }
      const node = await readNodeFile(dataDirOf(program, flags))
      await withProgress(terminal, 'Interrupted. What has come is kept: the same command goes on from there.', async (progress, signal) => {
        if (node) {
          const onReport = ({ status, doneBytes, totalBytes }: DownloadReport): void =>
            progress.update(`Fetching ${modelId}${status === 'paused' ? ' (paused)' : ''}`, doneBytes, totalBytes)
          const report = await pullThroughNode(createNodeClient(node.apiUrl, node.apiToken), modelId, flags.revision, onReport, signal)
          progress.end()
          const modelDir = (await findSnapshot(hub.settings.cacheDir, modelId, flags.revision)) ?? (await store.resolve(modelId)).modelDir
          return terminal.line(
            report
              ? `${modelId}  ${formatBytes(report.totalBytes)}, of which ${formatBytes(report.savedBytes)} need not come from the internet  ${modelDir}`
              : `${modelId}  is here already  ${modelDir}`,
          )
        }
        try {
          // What cannot run here is told before it is downloaded.
          await hub.card(modelId, signal, flags.revision)
          const onProgress = (doneBytes: number, totalBytes: number): void =>
            progress.update(`Downloading ${modelId}`, doneBytes, totalBytes)
          const { snapshotDir, totalBytes, fetchedBytes } = await hub.download({ modelId, revision: flags.revision, onProgress, signal })
          progress.end()
          terminal.line(
            `${modelId}  ${formatBytes(totalBytes)}${fetchedBytes < totalBytes ? `, of which ${formatBytes(totalBytes - fetchedBytes)} were here` : ''}  ${snapshotDir}`,
          )
        } catch (error) {
          const stored = hasTrait(errorCode(error), 'hub-silent') ? await store.resolve(modelId).catch(() => null) : null
          if (!stored) throw error
          progress.end()
          terminal.error(errorMessage(error))
          terminal.line(`${stored.modelId}  ${formatBytes(stored.card.weightBytes)}  ${stored.modelDir} (as it was here)`)
        }
      })
    })

  models
    .command('search <words...>')
    .description('look for models at the hub')
    .option('--limit <count>', 'at most so many', integer('--limit', 1, 100), 20)
    .addOption(dataDirOption())
    .option('--json', 'for programs')
    .action(async (words: string[], flags: { limit: number; json?: true }) => {
      const hub = await openHubHere(dataDirOf(program, {}))
      const hits = await hub.client.search(words.join(' '), flags.limit, AbortSignal.timeout(60_000))
      if (flags.json) return terminal.line(JSON.stringify(hits, null, 2))
      if (hits.length === 0) return terminal.line('Nothing found.')
      terminal.line(
        formatTable([
          ['MODEL', 'DOWNLOADS', 'LIKES', ''],
          ...hits.map(({ modelId, downloads, likes, isGated }) => [modelId, `${downloads}`, `${likes}`, isGated ? 'gated' : '']),
        ]),
      )
    })
}
