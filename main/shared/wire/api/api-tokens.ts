import { z } from 'zod'

/** `inference`: lists and uses models. `admin`: everything, including settings and cluster. */
export const TokenRights = z.enum(['inference', 'admin'])
export type TokenRights = z.infer<typeof TokenRights>

export const TokenName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/,
    'A name must have 1 to 64 letters, digits, dots, hyphens or underscores and begin with a letter or a digit.',
  )

/** A token as shown in lists: its name, never its value. */
export const TokenListing = z.strictObject({ name: TokenName, rights: TokenRights, createdAt: z.iso.datetime() })
export type TokenListing = z.infer<typeof TokenListing>

/** `GET /tokens` */
export const TokensAnswer = z.strictObject({ tokens: z.array(TokenListing) })

/** `POST /tokens` */
export const NewTokenRequest = z.strictObject({ name: TokenName, rights: TokenRights.default('inference') })
export const NewTokenAnswer = TokenListing.extend({ /** Shown this once: only its hash is kept. */ token: z.string() })
export type NewTokenAnswer = z.infer<typeof NewTokenAnswer>
