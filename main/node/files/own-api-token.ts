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
  /** False if the user chose not to require a token. */
  readonly asksForToken: boolean
  readonly dataDir: string
}

/**
 * The token that this node's API requires: the user's, or none on loopback, or else one that is created once and stored
 * in the data folder, so that clients can keep using it after a restart. null: none is required.
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
  // The node also starts on a full disk; the token then lasts only until it ends.
  await file.write(made).catch((error: unknown) => log.warn('the API token could not be saved for the next start', { error }))
  return made
}

function parseToken(text: string): string {
  const token = text.trim()
  if (!TOKEN.test(token)) throw new Error('it is not a valid token')
  return token
}
