import { AppError } from '../../shared/app-error.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'

type DiskFault = readonly [code: ErrorCode, sentence: (path: string) => string]

const full: DiskFault = ['disk-full', (path) => `The disk of ${path} is full. Free some space and try again.`]
const failing: DiskFault = [
  'disk-failing',
  (path) => `The disk of ${path} failed to read or write. Back up its data and check it with the tools of the system.`,
]
const refused: DiskFault = [
  'disk-refused',
  (path) => `${path} cannot be written. Give this user write permission, or choose another folder with --data-dir.`,
]
const filesOpen: DiskFault = [
  'too-many-open-files',
  (path) => `${path} could not be opened: too many files are open. Raise the limit (ulimit -n) and restart the node.`,
]

const BY_SYSTEM_CODE: Readonly<Record<string, DiskFault>> = {
  ENOSPC: full,
  EDQUOT: full,
  EIO: failing,
  EROFS: refused,
  EACCES: refused,
  EPERM: refused,
  EMFILE: filesOpen,
  ENFILE: filesOpen,
}

/** Turns a disk error into an `AppError` that says what to do. Returns any other error unchanged. */
export function toDiskError(error: unknown, path: string): unknown {
  const systemCode = (error as NodeJS.ErrnoException | null)?.code
  const fault = error instanceof Error && typeof systemCode === 'string' ? BY_SYSTEM_CODE[systemCode] : undefined
  return fault ? new AppError(fault[0], fault[1](path), { path, systemCode }, error) : error
}

/** Whether the disk may accept the same operation later: it is full, it fails, or too many files are open. */
export function isPassingDiskError(error: unknown): boolean {
  const fault = BY_SYSTEM_CODE[(error as NodeJS.ErrnoException | null)?.code ?? '']
  return fault !== undefined && fault !== refused
}
