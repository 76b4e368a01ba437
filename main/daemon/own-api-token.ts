import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLoopbackHost } from '../shared/is-loopback-host.ts'
import type { Random } from '../platform/random.ts'

const TOKEN = /^exo-[0-9a-f]{64}$/

export interface OwnTokenChoice {
  readonly host: string
  /** As the user gave it. */
  readonly apiToken: string | null
  /** false: the user said that none is to be asked for. */
  readonly asksForToken: boolean
  readonly dataDir: string
}

/**
 * The token that this node's API asks for: the user's, else none on loopback, else one that is made once and kept in the
 * data folder, so that clients need not be told again after a restart. null: none is asked for.
 */
export async function ownApiToken({ host, apiToken, asksForToken, dataDir }: OwnTokenChoice, random: Pick<Random, 'bytes'>, log: { warn(message: string, fields: Record<string, unknown>): void }): Promise<string | null> {
  if (apiToken !== null) return apiToken
  if (!asksForToken || isLoopbackHost(host)) return null
  const path = join(dataDir, 'api-token')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') log.warn('the kept API token cannot be read: a new one is made', { error })
    return ''
  })
  if (TOKEN.test(kept.trim())) {
    await chmod(path, 0o600).catch((error: unknown) => log.warn('the API token may be readable by others', { path, error }))
    return kept.trim()
  }
  const made = `exo-${Buffer.from(random.bytes(32)).toString('hex')}`
  const keep = async (): Promise<void> => {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.new`, `${made}\n`, { mode: 0o600, flush: true })
    await rename(`${path}.new`, path)
  }
  // A full disk is no reason not to start: the token then lasts as long as this run.
  await keep().catch((error: unknown) => log.warn('the API token could not be kept for the next start', { error }))
  return made
}
