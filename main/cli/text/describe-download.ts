import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { DownloadReport } from '../../shared/models/download.ts'

/** A one-line description for the user. */
export function describeDownload({ modelId, status, doneBytes, totalBytes, savedBytes, message }: DownloadReport): string {
  const progress = totalBytes === 0 ? '' : ` ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
  const saved = savedBytes === 0 ? '' : `, ${formatBytes(savedBytes)} copied from other machines`
  const end = status === 'running' ? '' : `, ${status}${message === null ? '' : `: ${message}`}`
  return `fetching ${modelId}${progress}${saved}${end}`
}
