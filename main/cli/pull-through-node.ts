import { z } from 'zod'
import { systemClock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import { DownloadReport } from '../shared/models/download.ts'
import type { NodeClient } from './node-client.ts'
import { parseSaid } from '../shared/wire/peer/parse-tolerantly.ts'

const POLL_MS = 250

const Started = z.object({ modelId: z.string(), download: DownloadReport.nullable() })

/** What is to be downloaded, and to which node; `node` null: the running node of this machine. */
export interface WantedDownload {
  readonly model: string
  readonly revision: string
  readonly node: string | null
}

/**
 * Downloads a model through the running node, which copies parts that its peers already hold. Cancels when `signal`
 * aborts.
 *
 * @returns null if the model is already downloaded
 * @throws AppError `download-failed`, and the node's errors
 */
export async function pullThroughNode(
  client: NodeClient,
  { model, revision, node }: WantedDownload,
  onProgress: (report: DownloadReport) => void,
  signal: AbortSignal,
): Promise<DownloadReport | null> {
  const { download } = parseSaid(Started, await client.post('/models/download', { model, revision, ...(node !== null && { node }) }))
  if (!download) return null
  const path = `/models/download/${encodeURIComponent(download.id)}`
  try {
    for (let report = download; ; report = parseSaid(DownloadReport, await client.get(path))) {
      onProgress(report)
      if (report.status === 'done') return report
      if (report.status === 'failed') throw new AppError('download-failed', report.message ?? 'The download failed.', { model })
      await systemClock.sleep(POLL_MS, signal)
    }
  } catch (error) {
    // The partial files are kept. The download may have ended in the meantime.
    await client.delete(path).catch(() => undefined)
    throw error
  }
}
