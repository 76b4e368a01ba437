import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../shared/app-error.ts'

/**
 * Makes a folder that appears complete or not at all.
 *
 * @param targetDir - must not exist; its parent must
 * @param fill - writes the contents into a temporary folder beside it
 * @throws AppError `model-exists`; what `fill` throws
 */
export async function fillNewFolder(targetDir: string, fill: (temporaryDir: string) => Promise<void>): Promise<void> {
  const temporaryDir = await mkdtemp(join(dirname(targetDir), `.${basename(targetDir)}-`))
  try {
    await fill(temporaryDir)
    await chmod(temporaryDir, 0o755)
    await rename(temporaryDir, targetDir).catch((cause: unknown) => {
      throw new AppError('model-exists', `${targetDir} already exists: remove it first or choose another name.`, { targetDir }, cause)
    })
  } catch (error) {
    await rm(temporaryDir, { recursive: true, force: true })
    throw error
  }
}
