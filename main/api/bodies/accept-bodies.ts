import type { FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { ApiServer } from '../api-server.ts'
import type { BodyChecker } from './body-checker.ts'
import { decodeBody } from './decode-body.ts'
import { describeIssue } from './describe-issue.ts'
import { endAtFirstIssue } from './end-at-first-issue.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { BodyBudget, readBody } from './read-body.ts'
import { toolTexts } from './tool-texts.ts'

/** `curl -d` without a header sends form-urlencoded as the content type, although the body is JSON. */
const JSON_CONTENT_TYPES = /^(application\/([\w.-]+\+)?json|application\/x-www-form-urlencoded|text\/plain)\s*(;|$)/i
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

  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const contentType = request.headers['content-type'] ?? 'application/json'
    const body = await readBody(payload, request.headers, limitBytes, budget)
    const bytes = body.length
    try {
      if (request.routeOptions.config.takesAnyBody) return {}
      if (!JSON_CONTENT_TYPES.test(contentType)) throw new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.')
      const json = await decodeBody(body, request.headers['content-encoding'], limitBytes)
      if (json.length <= LONG_BYTES || checker === null) {
        const value = parseJsonBody(json)
        request.toolTexts = toolTexts(json)
        return value
      }
      const { body: value, toolTexts: texts } = await checker.check(request.routeOptions.url ?? '', json)
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
