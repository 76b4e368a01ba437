import { z } from 'zod'
import { NewTokenAnswer, NewTokenRequest, TokenName, TokensAnswer } from '../../shared/wire/api/api-tokens.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['node']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** The named tokens of this node's API. */
export function registerTokens(server: ApiServer, { tokens }: ApiContext): void {
  server.get(
    '/tokens',
    {
      schema: {
        summary: 'The named tokens of this API, without the tokens themselves',
        tags,
        response: { 200: TokensAnswer, ...failures },
      },
    },
    async () => ({ tokens: [...tokens.list()] }),
  )

  server.post(
    '/tokens',
    {
      schema: {
        summary: 'Create a token; only this answer shows it',
        tags,
        body: NewTokenRequest,
        response: { 200: NewTokenAnswer, ...failures },
      },
    },
    async ({ body }) => tokens.create(body.name, body.rights),
  )

  server.delete(
    '/tokens/:name',
    {
      schema: {
        summary: 'Revoke a token',
        tags,
        params: z.object({ name: TokenName }),
        response: { 200: z.strictObject({ name: TokenName }), ...failures },
      },
    },
    async ({ params }) => {
      await tokens.revoke(params.name)
      return { name: params.name }
    },
  )
}
