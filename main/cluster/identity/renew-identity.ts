import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type IdentityDependencies, openIdentity } from './open-identity.ts'

/** Gives the node with this data folder a new identity. The previous one, damaged or not, is set aside. */
export async function renewIdentity(
  dataDir: string,
  dependencies: IdentityDependencies,
): Promise<{ readonly nodeId: string; readonly keptAt: string | null }> {
  const path = join(dataDir, 'identity.pem')
  const asidePath = `${path}.before-${dependencies.random.id('new')}`
  let keptAt: string | null = asidePath
  try {
    await rename(path, asidePath)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    keptAt = null
  }
  const { nodeId } = await openIdentity(dataDir, dependencies)
  return { nodeId, keptAt }
}
