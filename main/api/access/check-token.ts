import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { TokenRights } from '../../shared/wire/api/api-tokens.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import { unmapAddress } from '../../shared/addresses/unmap-address.ts'
import { ApiError } from '../api-error.ts'
import type { TokenGuesses } from './token-guesses.ts'
import { neededRights } from './needed-rights.ts'

export interface TokenRule {
  /** The node's own token, which grants all rights; null: calls without a token are accepted. */
  readonly apiToken: string | null
  /** Calls from this machine need no token. */
  readonly trustsOwnMachine: boolean
  /** The rights of a named token; null: the token does not exist. */
  readonly rightsOf: (token: string) => TokenRights | null
  readonly guesses: TokenGuesses
}

export interface TokenCall {
  readonly headers: IncomingHttpHeaders
  readonly method: string
  readonly path: string
  /** The client's address. */
  readonly address: string
}

/**
 * Checks the token of a call. A named token has only its own rights, even if the node requires no token.
 *
 * @throws ApiError 401 without a valid token, 403 if its rights do not suffice, 429 after many wrong ones
 */
export function checkToken({ headers, method, path, address }: TokenCall, rule: TokenRule): void {
  const { rightsOf, guesses } = rule
  const apiToken = rule.trustsOwnMachine && isLoopbackHost(unmapAddress(address)) ? null : rule.apiToken
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key'] ?? headers['api-key']
  const token = typeof given === 'string' ? given : null
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (token !== null && apiToken !== null) {
    guesses.refuseTooEarly(address)
    if (timingSafeEqual(digest(token), digest(apiToken))) return guesses.forgive(address)
  }
  const rights = token === null ? null : rightsOf(token)
  if (rights === null) {
    if (apiToken === null) return
    if (token !== null) guesses.missed(address, digest(token).toString('hex'))
    throw new ApiError(401, 'invalid_api_key', 'This node requires an API token: send the header "Authorization: Bearer TOKEN".')
  }
  guesses.proven(address)
  if (rights === 'admin' || neededRights(method, path) === 'inference') return
  throw new ApiError(
    403,
    'insufficient_rights',
    `This token only allows inference; ${method} ${path} requires a token with the rights 'admin'. To ` +
      'create one: exo tokens new NAME --rights admin',
  )
}
