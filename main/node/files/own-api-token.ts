import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import type { Random } from '../../platform/random.ts'
import { newApiToken } from './new-api-token.ts'

const TOKEN = /^exo-[0-9a-f]{64}$/

export interface OwnTokenChoice {
  readonly host: string
  /** The token given by the user. */
  readonly apiToken: string | null
  /** False where the user chose to ask for no token. */
  readonly asksForToken: boolean
  readonly dataDir: string
}

/**
 * The token that this node's API asks for: the user's, else none on loopback, else one that is made once and kept in the
 * data folder, so that clients need not be told again after a restart. null: none is asked for.
 */
export async function ownApiToken(
  { host, apiToken, asksForToken, dataDir }: OwnTokenChoice,
  random: Pick<Random, 'bytes'>,
  log: { warn(message: string, fields: Record<string, unknown>): void },
  disk?: DiskWatch,
): Promise<string | null> {
  if (apiToken !== null) return apiToken
  if (!asksForToken || isLoopbackHost(host)) return null
  const path = join(dataDir, 'api-token')
  const file = new DurableFile<string>({ path, parse: parseToken, format: (token) => `${token}\n`, watch: disk })
  const kept = await file.read().catch((error: unknown) => {
    log.warn('the saved API token cannot be read, creating a new one', { error })
    return null
  })
  if (kept !== null) {
    await chmod(path, 0o600).catch((error: unknown) => log.warn('other users may be able to read the API token', { path, error }))
    return kept
  }
  const made = newApiToken(random)
  // The node starts on a full disk too; the token then lasts for this run.
  await file.write(made).catch((error: unknown) => log.warn('the API token could not be saved for the next start', { error }))
  return made
}

function parseToken(text: string): string {
  const token = text.trim()
  if (!TOKEN.test(token)) throw new Error('it is not a valid token')
  return token
}
