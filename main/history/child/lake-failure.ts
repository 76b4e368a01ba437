import { errorMessage } from '../../shared/app-error.ts'

/**
 * `damaged`: the files on disk are not as DuckLake left them. DuckDB's failures differ only in their messages, so any
 * failure that is not known to be temporary counts as damage.
 */
export type LakeFailure = 'locked' | 'no-space' | 'denied' | 'disk-failing' | 'out-of-memory' | 'interrupted' | 'damaged'

const PASSING: readonly (readonly [LakeFailure, RegExp])[] = [
  ['locked', /could not set lock|conflicting lock|database is locked/i],
  ['no-space', /no space left|disk quota|ENOSPC|EDQUOT/i],
  ['denied', /permission denied|read-only file system|EACCES|EPERM|EROFS|too many open files|EMFILE/i],
  // A disk that fails may lose a few blocks only. The rows that cannot be written now wait in the journal.
  ['disk-failing', /input\/output error|fsync failed|stale (nfs )?file handle|device not configured|EIO|ESTALE/i],
  ['out-of-memory', /out of memory|failed to allocate/i],
  ['interrupted', /^INTERRUPT/i],
]

export function classifyFailure(error: unknown): LakeFailure {
  const message = errorMessage(error)
  return PASSING.find(([, pattern]) => pattern.test(message))?.[0] ?? 'damaged'
}
