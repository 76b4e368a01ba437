import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ChatCompletionRequest } from '../../shared/wire/api/openai.ts'
import { CompletionRequest } from '../../shared/wire/api/openai-completions.ts'
import { endAtFirstIssue } from './end-at-first-issue.ts'

const guard = <T extends z.ZodType>(schema: T): T => {
  endAtFirstIssue(schema)
  return schema
}
/** All issues that zod has created, including those of branches. */
const count = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.reduce(
    (sum, issue) => sum + 1 + (issue.code === 'invalid_union' ? issue.errors.reduce((inner, branch) => inner + count(branch), 0) : 0),
    0,
  )

describe('endAtFirstIssue (C2)', () => {
  it.each([
    ['an array', z.array(z.int().min(0)), Array(10_000).fill(-1)],
    ['an array that is too long', z.array(z.int()).max(10), Array(10_000).fill('x')],
    [
      'a record',
      z.record(z.string().regex(/^\d+$/), z.number()),
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`x${index}`, 'y'])),
    ],
    [
      'a lazy union in a pipe',
      z.lazy(() => z.union([z.array(z.string()), z.array(z.array(z.int()))]).transform(String)),
      Array(10_000).fill({}),
    ],
    [
      'objects in an optional array',
      z.strictObject({ a: z.array(z.strictObject({ b: z.string() })).optional() }),
      { a: Array(10_000).fill({ c: 1 }) },
    ],
  ])('notes few issues of %s', (_, schema, value) => {
    const result = guard(schema as z.ZodType).safeParse(value)
    expect(result.success).toBe(false)
    expect(count(result.error?.issues ?? [])).toBeLessThanOrEqual(8)
  })

  it.each(['1.5', '{}', '[[]]', '-1', 'null', '"x",1', '[1.5]'])('of prompts of %s, in little time', (element) => {
    const prompt: unknown = JSON.parse(`[${`${element},`.repeat(1_000_000)}{}]`)
    const schema = guard(CompletionRequest)
    const begun = process.threadCpuUsage()
    const result = schema.safeParse({ model: 'm', prompt })
    const { user, system } = process.threadCpuUsage(begun)
    expect((user + system) / 1000).toBeLessThan(1000)
    expect(count(result.error?.issues ?? [])).toBeLessThanOrEqual(10)
  })

  it('gives what zod gives for what is right, and the place of what is wrong', () => {
    const schema = guard(ChatCompletionRequest)
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
      logit_bias: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [String(index), 1])),
    }
    expect(schema.parse(body)).toEqual(body)
    const wrong = guard(z.array(z.array(z.int().min(0)))).safeParse([[1], [2, -3, -4]])
    expect(wrong.error?.issues.map(({ path, code }) => ({ path, code }))).toEqual([{ path: [1, 1], code: 'too_small' }])
  })
})
