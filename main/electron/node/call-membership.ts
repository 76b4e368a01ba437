import { apiFailure } from '../../shared/api-failure.ts'
import { Membership } from '../../shared/wire/api/membership.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { MembershipCall } from '../../shared/wire/shell/shell.ts'
import { authorization, type NodeAccess } from './node-access.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'

/** Joining waits for the other machines of the cluster. */
const LIMIT_MS = 60_000

/**
 * Joins, leaves or pairs through the node's API.
 *
 * @throws AppError `api-refused`
 */
export async function callMembership({ apiUrl, apiToken }: NodeAccess, { method, path, body }: MembershipCall): Promise<Membership> {
  const headers = { ...authorization(apiToken), ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) }
  const content = method === 'POST' ? { body: JSON.stringify(body) } : {}
  const response = await fetch(`${apiUrl}${path}`, { method, headers, ...content, signal: AbortSignal.timeout(LIMIT_MS) })
  const answer: unknown = await response.json()
  if (response.ok) return parseSaid(Membership, answer)
  const { error } = ErrorBody.parse(answer)
  throw apiFailure(error.code, error.message, { status: response.status })
}
