import { describeIssue } from './describe-issue.ts'
import { endAtFirstIssue } from './end-at-first-issue.ts'
import type { CheckedBody } from './body-message.ts'
import { withModelOfPath } from './model-of-path.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { toolTexts } from './tool-texts.ts'
import type { BodyRoute } from './body-routes.ts'

/**
 * The validated body.
 *
 * @param route - undefined: the route takes no body
 * @param model - the model that the request's address names
 * @throws ApiError 400
 */
export function checkBody(json: Buffer, route: BodyRoute | undefined, model: string | null = null): CheckedBody {
  const body = withModelOfPath(parseJsonBody(json), model)
  const texts = toolTexts(json)
  if (route === undefined || body === undefined) return { body, toolTexts: texts }
  endAtFirstIssue(route.schema)
  const result = route.schema.safeParse(route.lenient(body))
  if (!result.success) throw describeIssue(result.error)
  return { body: result.data, toolTexts: texts }
}
