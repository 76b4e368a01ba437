import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import type { NodeClient } from '../node-client.ts'
import { pullThroughNode } from '../pull-through-node.ts'
import type { Terminal } from '../terminal.ts'
import { withProgress } from '../with-progress.ts'
import { chosenNodes } from './chosen-nodes.ts'

export interface PullToNodes {
  readonly model: string
  readonly revision: string
  /** Names or ids; null: all nodes of the cluster. */
  readonly nodes: readonly string[] | null
}

/**
 * Downloads a model to several nodes at once, which copy parts from one another. A failure of one does not end the others.
 *
 * @throws AppError of the first failure, after all have ended
 */
export async function pullToNodes(client: NodeClient, { model, revision, nodes }: PullToNodes, terminal: Terminal): Promise<void> {
  const chosen = chosenNodes(await client.get('/state'), nodes)
  const reports = new Map<string, DownloadReport>()
  const failures: unknown[] = []
  await withProgress(terminal, 'Interrupted. Run the same command again to resume.', async (progress, signal) => {
    const show = (): void => {
      const all = [...reports.values()]
      const sum = (bytes: (report: DownloadReport) => number): number => all.reduce((total, report) => total + bytes(report), 0)
      const each = chosen.flatMap(({ nodeId, name }) => {
        const report = reports.get(nodeId)
        return report ? [`${name} ${percentOf(report)}`] : []
      })
      progress.update(
        `Fetching ${model}`,
        sum(({ doneBytes }) => doneBytes),
        sum(({ totalBytes }) => totalBytes),
        each.join(', '),
      )
    }
    await Promise.all(
      chosen.map(async ({ nodeId, name }) => {
        try {
          const report = await pullThroughNode(
            client,
            { model, revision, node: nodeId },
            (now) => {
              reports.set(nodeId, now)
              show()
            },
            signal,
          )
          progress.end()
          terminal.line(`${name}  ${report ? describeArrival(report) : `${model} is already there`}`)
        } catch (error) {
          signal.throwIfAborted()
          failures.push(error)
          reports.delete(nodeId)
          progress.end()
          terminal.error(`${name}  ${errorMessage(error)}`)
        }
      }),
    )
  })
  if (failures.length > 0)
    throw new AppError(
      errorCode(failures[0]),
      `${model} is not on ${failures.length} of ${chosen.length} machines. Run the same command again to resume.`,
      { model },
    )
}

function percentOf({ doneBytes, totalBytes, status }: DownloadReport): string {
  const percent = totalBytes === 0 ? 0 : Math.min(100, Math.floor((100 * doneBytes) / totalBytes))
  return status === 'running' || status === 'done' ? `${percent} %` : status
}

function describeArrival({ modelId, totalBytes, savedBytes }: DownloadReport): string {
  return `${modelId}  ${formatBytes(totalBytes)}, of which ${formatBytes(savedBytes)} copied from other machines`
}
