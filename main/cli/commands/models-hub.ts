import { type Command, InvalidArgumentError } from 'commander'
import { findOwnNode } from '../../node/files/node-file.ts'
import { findSnapshot } from '../../models/files/hub-cache.ts'
import { openHub } from '../../models/hub/open-hub.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from '../../models/store/import-default-model.ts'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { hasTrait } from '../../shared/error-codes.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { type DownloadReport, HubRevision, MAIN_REVISION } from '../../shared/models/download.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { type DataDirFlags, dataDirOf, dataDirOption, integer } from '../node-options.ts'
import { chosenCacheDir, chosenHubToken, openStore, readCatalogue } from '../open-store.ts'
import { installedFiles } from '../process-host.ts'
import { pullToNodes } from '../cluster/pull-to-nodes.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { UsageError } from '../usage-error.ts'
import { pullThroughNode } from '../pull-through-node.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { withProgress } from '../with-progress.ts'

/** The hub cannot be reached, so only local files count. */

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
      token: await chosenHubToken(dataDir),
      ...(await readCatalogue(dataDir)),
      clock: systemClock,
      random: systemRandom,
    })

  models
    .command('pull <model>')
    .description('download a model from Hugging Face by id or alias; resumes an earlier download')
    .option('--revision <revision>', 'a branch, a tag or a commit', toRevision, MAIN_REVISION)
    .option('--node <names>', 'to these machines of the cluster, separated by commas; a running node is needed')
    .option('--all', 'to all machines of the cluster')
    .addOption(dataDirOption())
    .action(async (name: string, flags: DataDirFlags & { revision: string; node?: string; all?: true }) => {
      if (flags.node !== undefined && flags.all) throw new UsageError('Use either --node or --all.')
      if (flags.node !== undefined || flags.all)
        return pullToNodes(
          await clientOfRunningNode(dataDirOf(program, flags)),
          { model: name, revision: flags.revision, nodes: flags.node?.split(',').map((part) => part.trim()) ?? null },
          terminal,
        )
      const store = await openStore(dataDirOf(program, flags))
      const hub = await openHubHere(dataDirOf(program, flags))
      const modelId = hub.idOf(name)
      if (modelId === null)
        throw new AppError(
          'invalid-request',
          `"${name}" is not a Hugging Face model name. Use an id such as mlx-community/Qwen3-0.6B-4bit, or an ` +
            `alias. To search: exo models search ${name}`,
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
      const node = await findOwnNode(dataDirOf(program, flags))
      await withProgress(terminal, 'Interrupted. Run the same command again to resume.', async (progress, signal) => {
        if (node) {
          const onReport = ({ status, doneBytes, totalBytes }: DownloadReport): void =>
            progress.update(`Fetching ${modelId}${status === 'paused' ? ' (paused)' : ''}`, doneBytes, totalBytes)
          const report = await pullThroughNode(
            createNodeClient(node.apiUrl, node.apiToken),
            { model: modelId, revision: flags.revision, node: null },
            onReport,
            signal,
          )
          progress.end()
          const modelDir = (await findSnapshot(hub.settings.cacheDir, modelId, flags.revision)) ?? (await store.resolve(modelId)).modelDir
          return terminal.line(
            report
              ? `${modelId}  ${formatBytes(report.totalBytes)}, of which ${formatBytes(report.savedBytes)} copied ` +
                  `from other machines  ${modelDir}`
              : `${modelId}  is already downloaded  ${modelDir}`,
          )
        }
        try {
          // Refuses a model that cannot run here before downloading it.
          await hub.card(modelId, signal, flags.revision)
          const onProgress = (doneBytes: number, totalBytes: number): void =>
            progress.update(`Downloading ${modelId}`, doneBytes, totalBytes)
          const { snapshotDir, totalBytes, fetchedBytes } = await hub.download({ modelId, revision: flags.revision, onProgress, signal })
          progress.end()
          const saved = fetchedBytes < totalBytes ? `, of which ${formatBytes(totalBytes - fetchedBytes)} were already here` : ''
          terminal.line(`${modelId}  ${formatBytes(totalBytes)}${saved}  ${snapshotDir}`)
        } catch (error) {
          const stored = hasTrait(errorCode(error), 'hub-silent') ? await store.resolve(modelId).catch(() => null) : null
          if (!stored) throw error
          progress.end()
          terminal.error(errorMessage(error))
          terminal.line(`${stored.modelId}  ${formatBytes(stored.card.weightBytes)}  ${stored.modelDir} (local copy)`)
        }
      })
    })

  models
    .command('search <words...>')
    .description('search Hugging Face for models')
    .option('--limit <count>', 'maximum number of results', integer('--limit', 1, 100), 20)
    .addOption(dataDirOption())
    .option('--json', 'print JSON')
    .action(async (words: string[], flags: { limit: number; json?: true }) => {
      const hub = await openHubHere(dataDirOf(program, {}))
      const hits = await hub.client.search(words.join(' '), flags.limit, AbortSignal.timeout(60_000))
      if (flags.json) return terminal.line(listingText('models search', hits))
      if (hits.length === 0) return terminal.line('Nothing found.')
      terminal.line(
        formatTable([
          ['MODEL', 'DOWNLOADS', 'LIKES', ''],
          ...hits.map(({ modelId, downloads, likes, isGated }) => [modelId, `${downloads}`, `${likes}`, isGated ? 'gated' : '']),
        ]),
      )
    })
}
