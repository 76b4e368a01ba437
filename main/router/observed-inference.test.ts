import { describe, expect, it } from 'vitest'
import type { InferenceObserver, InferencePart } from '../shared/inference/inference.ts'
import { collect, infer, never, request, setUpRouter } from './__fixtures__/set-up-router.ts'

describe('the observer of an inference', () => {
  function setUp(answer: string) {
    const seen: string[] = []
    const asked: string[] = []
    const observer: InferenceObserver = {
      onPart: (part) => void seen.push(part.type),
      onTaken: () => void seen.push('taken'),
      onFailure: (error) => void seen.push(`failed: ${(error as { code?: string }).code}`),
    }
    const { router } = setUpRouter(
      { answer },
      {
        observe: ({ requestId }) => {
          asked.push(requestId)
          return observer
        },
      },
    )
    return { router, seen, asked }
  }

  it('sees every part before the client, and when the client has taken it', async () => {
    const { router, seen, asked } = setUp('Hi')
    const parts: InferencePart[] = []
    for await (const part of router.infer(request(), never)) {
      expect(seen.at(-1)).toBe(part.type)
      parts.push(part)
    }
    expect(parts.length).toBeGreaterThan(3)
    expect(seen).toEqual(parts.flatMap(({ type }) => [type, 'taken']))
    expect(asked).toEqual(['request-1'])
  })

  it('is told of a failure, which the client gets too', async () => {
    const { router, seen } = setUp('Hi')
    await expect(infer(router, { model: 'unknown' })).rejects.toMatchObject({ code: 'model-not-found' })
    expect(seen).toEqual(['failed: model-not-found'])
  })

  it('is told of a request whose id already runs, and that other one goes on', async () => {
    const { router, seen } = setUp('Hi')
    const first = router.infer(request(), never)[Symbol.asyncIterator]()
    await first.next()
    await expect(collect(router.infer(request(), never))).rejects.toMatchObject({ code: 'invalid-request' })
    expect(seen).toContain('failed: invalid-request')
    expect(router.activeRequests()).toBe(1)
    expect((await first.next()).done).toBe(false)
    await first.return?.()
  })
})
