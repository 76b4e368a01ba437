import type { DownloadReport } from '../../shared/models/download.ts'
import type { LmStudioDownload } from '../../shared/wire/api/lm-studio.ts'

const STATUS = { running: 'downloading', paused: 'paused', failed: 'failed', done: 'completed' } as const

/** A download in LM Studio's format; null: the model is here already. */
export function toLmStudioDownload(download: DownloadReport | null): LmStudioDownload {
  if (download === null) return { status: 'already_downloaded' }
  const { id, status, totalBytes, doneBytes, message } = download
  return {
    job_id: id,
    status: STATUS[status],
    ...(totalBytes > 0 ? { total_size_bytes: totalBytes } : {}),
    downloaded_bytes: doneBytes,
    ...(status === 'failed' && message !== null ? { error: message } : {}),
  }
}
