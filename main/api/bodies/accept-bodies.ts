import type { FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'
import type { BodyChecker } from './body-checker.ts'
import { decodeBody } from './decode-body.ts'
import { describeIssue } from './describe-issue.ts'
import { endAtFirstIssue } from './end-at-first-issue.ts'
import { modelOfPath, withModelOfPath } from './model-of-path.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { BodyBudget, readBody } from './read-body.ts'
import { toolTexts } from './tool-texts.ts'

/** Types that clients send with JSON: `curl -d` without a header says form-urlencoded, and others name no type at all. */
const JSON_CONTENT_TYPES =
  /^\s*(|\*\/\*|application\/(([\w.-]+\+)?json|x-(ndjson|www-form-urlencoded)|octet-stream)|text\/(plain|json))\s*([;,]|$)/i
/** The limit for all bodies together: many may arrive slowly at the same time. */
const MOST_BYTES_AT_ONCE = 256 << 20
/** A longer body is parsed and checked in a thread. */
const LONG_BYTES = 512 * 1024

/** Makes the server read request bodies, and validate them and all other inputs that a route's schemas name. */
export function acceptBodies(server: ApiServer, limitBytes: number, checker: BodyChecker | null): void {
  const budget = new BodyBudget(MOST_BYTES_AT_ONCE)
  /** Bodies that the thread has validated are not validated again. */
  const checked = new WeakSet<object>()
  const isChecked = (body: unknown): boolean => typeof body === 'object' && body !== null && checked.has(body)

  server.setValidatorCompiler(({ schema }) => {
    endAtFirstIssue(schema as z.ZodType)
    return (data) => {
      if (isChecked(data)) return { value: data as unknown }
      const result = (schema as z.ZodType).safeParse(data)
      return result.success ? { value: result.data } : { error: describeIssue(result.error) }
    }
  })

  // Some clients send an empty type, and some proxies join two.
  server.addHook('onRequest', async ({ headers }) => {
    const type = headers['content-type']
    if (type !== undefined) headers['content-type'] = type.split(',', 1)[0]?.trim() || 'application/json'
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const contentType = request.headers['content-type'] ?? 'application/json'
    const body = await readBody(payload, request.headers, limitBytes, budget)
    const bytes = body.length
    try {
      if (request.routeOptions.config.takesAnyBody) return {}
      if (!JSON_CONTENT_TYPES.test(contentType)) throw new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.')
      const model = modelOfPath(request.originalUrl)
      const json = await decodeBody(body, request.headers['content-encoding'], limitBytes)
      if (json.length <= LONG_BYTES || checker === null) {
        const value = withModelOfPath(parseJsonBody(json), model)
        request.toolTexts = toolTexts(json)
        return value
      }
      const { body: value, toolTexts: texts } = await checker.check({ path: request.routeOptions.url ?? '', model }, json)
      request.toolTexts = texts
      if (typeof value === 'object' && value !== null) checked.add(value)
      return value
    } finally {
      budget.add(-bytes)
    }
  })

  server.addHook('preValidation', async (request) => {
    const { lenient } = request.routeOptions.config
    if (lenient && request.body !== undefined && !isChecked(request.body)) request.body = lenient(request.body)
  })
}
