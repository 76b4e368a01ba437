import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { TokensPort } from '../../api/api-dependencies.ts'
import type { Clock } from '../../platform/clock.ts'
import { type DiskWatch, DurableFile } from '../../platform/files/durable-file.ts'
import type { Random } from '../../platform/random.ts'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { TokenListing, type TokenRights } from '../../shared/wire/api/api-tokens.ts'
import { newApiToken } from './new-api-token.ts'

const MOST_TOKENS = 256

const StoredToken = TokenListing.extend({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const TokensFile = z.strictObject({ tokens: z.array(StoredToken).max(MOST_TOKENS) })
type StoredToken = z.infer<typeof StoredToken>

/**
 * The named tokens of the API. The data folder contains only their hashes, so the file is useless to a thief.
 *
 * @throws AppError `api-tokens-damaged`
 */
export async function openApiTokens(
  dataDir: string,
  { random, clock, disk }: { random: Pick<Random, 'bytes'>; clock: Pick<Clock, 'epochMs'>; disk?: DiskWatch },
): Promise<TokensPort> {
  const file = new DurableFile<readonly StoredToken[]>({
    path: join(dataDir, 'api-tokens.json'),
    parse: (text) => TokensFile.parse(JSON.parse(text)).tokens,
    format: (tokens) => `${JSON.stringify({ tokens }, null, 2)}\n`,
    keepsCopy: false,
    watch: disk,
  })
  let stored = await read(file)
  const inTurn = takeTurns()
  /** A change takes effect only once it is on disk: a token that a restart forgets or restores is worse than an error. */
  const change = (toNext: (now: readonly StoredToken[]) => readonly StoredToken[]): Promise<void> =>
    inTurn(async () => {
      const next = toNext(stored)
      await file.write(next)
      stored = next
    })
  return {
    list: () => stored.map(({ sha256: _sha256, ...listing }) => listing),
    rightsOf(token) {
      const digest = hash(token)
      let rights: TokenRights | null = null
      for (const one of stored) if (timingSafeEqual(Buffer.from(one.sha256, 'hex'), digest)) rights = one.rights
      return rights
    },
    async create(name, rights) {
      const token = newApiToken(random)
      const listing: TokenListing = { name, rights, createdAt: new Date(clock.epochMs()).toISOString() }
      await change((now) => {
        if (now.some((one) => one.name === name))
          throw new AppError(
            'token-name-taken',
            `A token '${name}' already exists. Revoke it first (exo tokens revoke ${name}), or choose another name.`,
          )
        if (now.length >= MOST_TOKENS) throw new AppError('too-many-tokens', `The limit of ${MOST_TOKENS} tokens is reached. Revoke some.`)
        return [...now, { ...listing, sha256: hash(token).toString('hex') }]
      })
      return { ...listing, token }
    },
    revoke: (name) =>
      change((now) => {
        if (!now.some((one) => one.name === name))
          throw new AppError('token-not-found', `Token '${name}' does not exist. To list the tokens: exo tokens`)
        return now.filter((one) => one.name !== name)
      }),
  }
}

const hash = (token: string): Buffer => createHash('sha256').update(token).digest()

async function read(file: DurableFile<readonly StoredToken[]>): Promise<readonly StoredToken[]> {
  try {
    return (await file.read()) ?? []
  } catch (cause) {
    if (errorCode(cause) !== 'file-damaged') throw cause
    throw new AppError(
      'api-tokens-damaged',
      `The tokens in ${file.path} are damaged. Move the file away and create new ones with: exo tokens new NAME`,
      { path: file.path },
      cause,
    )
  }
}
