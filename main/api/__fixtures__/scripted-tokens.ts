import { AppError } from '../../shared/app-error.ts'
import type { TokenListing } from '../../shared/wire/api/api-tokens.ts'
import type { TokensPort } from '../api-dependencies.ts'

/** Tokens in memory: `token-NAME` has the rights granted to NAME. */
export function scriptedTokens(): TokensPort {
  const byName = new Map<string, TokenListing>()
  return {
    list: () => [...byName.values()],
    rightsOf: (token) => byName.get(token.replace(/^token-/, ''))?.rights ?? null,
    async create(name, rights) {
      const listing = { name, rights, createdAt: '2026-01-01T00:00:00.000Z' }
      byName.set(name, listing)
      return { ...listing, token: `token-${name}` }
    },
    async revoke(name) {
      if (!byName.delete(name)) throw new AppError('token-not-found', `There is no token '${name}'.`)
    },
  }
}
