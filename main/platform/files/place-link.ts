import { copyFile, link, rename, rm, symlink } from 'node:fs/promises'
import { dirname, relative } from 'node:path'

/** Errors of file systems without links (exFAT, FAT, some shares). */
const UNSUPPORTED: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK', 'EACCES', 'UNKNOWN'])

export function isUnsupportedLink(error: unknown): boolean {
  return UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * Makes `path` a symbolic link to `target`. If the file system does not support that, it makes a hard link, or else
 * moves the file itself. A reader finds either the old or the new file.
 *
 * @param target - remains in place if `isKept`: it is then copied rather than moved
 */
export async function placeLink(target: string, path: string, { isKept = false }: { readonly isKept?: boolean } = {}): Promise<void> {
  const temporary = `${path}.${process.pid}.link`
  await rm(temporary, { force: true })
  try {
    await symlink(relative(dirname(path), target), temporary)
  } catch (error) {
    if (!isUnsupportedLink(error)) throw error
    await linkOrMove(target, temporary, isKept)
  }
  await rename(temporary, path)
}

async function linkOrMove(target: string, temporary: string, isKept: boolean): Promise<void> {
  try {
    await link(target, temporary)
  } catch (error) {
    if (!isUnsupportedLink(error)) throw error
    await (isKept ? copyFile(target, temporary) : rename(target, temporary))
  }
}
