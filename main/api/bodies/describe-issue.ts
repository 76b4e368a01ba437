import type { z } from 'zod'
import { ApiError } from '../api-error.ts'

/** Keys and values sent by clients may be of any length. */
const MOST_CHARACTERS = 500

type Issue = z.core.$ZodIssue

/** `messages[0].content`, in OpenAI's notation. */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )
}

/** Whether an issue only means that the value belongs to another branch of its union. */
function isOtherBranch({ code, path }: Issue): boolean {
  return (code === 'invalid_value' || code === 'custom') && path.at(-1) === 'type'
}

/**
 * Of a union's failed branches, picks the one that the client meant: its `type` matches, it got furthest, and it
 * accepts the value's type.
 */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue
  const meant = issue.errors.filter((branch) => !branch.some(isOtherBranch))
  const candidates = (meant.length > 0 ? meant : issue.errors)
    .flatMap((branch) => branch.slice(0, 1))
    .map((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
  const depth = Math.max(...candidates.map((candidate) => candidate.path.length))
  const deepest = candidates.filter((candidate) => candidate.path.length === depth)
  return deepest.find((candidate) => candidate.code !== 'invalid_type') ?? joinExpectations(deepest) ?? issue
}

/** Merges issues about several accepted types at the same place into one that names them all. */
function joinExpectations(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues
  if (first?.code !== 'invalid_type') return first
  const here = issues.filter((issue) => issue.code === 'invalid_type' && formatPath(issue.path) === formatPath(first.path))
  const expected = [...new Set(here.map((issue) => (issue.code === 'invalid_type' ? issue.expected : '')))].join(' or ')
  return { ...first, message: first.message.replace(/expected [\w ]+/, `expected ${expected}`) }
}

/** The 400 error for a value that its schema rejected: its first issue, with `param` naming the place. */
export function describeIssue(error: z.core.$ZodError): ApiError {
  const first = error.issues[0]
  if (!first) return new ApiError(400, 'invalid_request', 'The request is not valid.')
  const issue = innermost(first)
  const param = formatPath(issue.path)
  const isMissing = issue.code === 'invalid_type' && issue.message.includes('received undefined')
  const message = isMissing
    ? `Missing required parameter: '${param}'.`
    : `Invalid value${param === '' ? '' : ` for '${param}'`}: ${issue.message.replace(/^Invalid input: /, '')}.`
  const code = isMissing ? 'missing_required_parameter' : issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value'
  return new ApiError(400, code, cut(message), { param: param === '' ? null : cut(param) })
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`
}
