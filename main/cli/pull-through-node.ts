import { z } from 'zod'
import { systemClock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import { DownloadReport } from '../shared/download.ts'
import type { NodeClient } from './node-client.ts'

const POLL_MS = 250

const Started = z.object({ modelId: z.string(), download: DownloadReport.nullable() })

/**
 * Lets the node that runs bring a model, so that what others hold comes from them; ends the download when `signal` aborts.
 *
 * @returns null: it is here already
 * @throws AppError `download-failed`, and what the node says
 */
export async function pullThroughNode(
  client: NodeClient,
  model: string,
  revision: string,
  onProgress: (report: DownloadReport) => void,
  signal: AbortSignal,
): Promise<DownloadReport | null> {
  const { download } = Started.parse(await client.post('/models/download', { model, revision }))
  if (!download) return null
  const path = `/models/download/${encodeURIComponent(download.id)}`
  try {
    for (let report = download; ; report = DownloadReport.parse(await client.get(path))) {
      onProgress(report)
      if (report.status === 'done') return report
      if (report.status === 'failed') throw new AppError('download-failed', report.message ?? 'The download failed.', { model })
      await systemClock.sleep(POLL_MS, signal)
    }
  } catch (error) {
    // What has come is kept. Where it has ended meanwhile, there is nothing to end.
    await client.delete(path).catch(() => undefined)
    throw error
  }
}
