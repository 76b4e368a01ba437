import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../platform/__fixtures__/manual-clock.ts'
import { AppError } from '../shared/app-error.ts'
import type { InferencePart } from '../shared/inference/inference.ts'
import { collect, endOf, infer, never, outline, request, setUpRouter, answerText, tokensOf } from './__fixtures__/set-up-router.ts'

describe('the end from outside', () => {
  const slow = { answer: 'Hello world', beforeToken: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) }

  it('by cancel ends the choices as cancelled', async () => {
    const { router, instance } = setUpRouter(slow)
    const parts: InferencePart[] = []
    for await (const part of router.infer(request({ choices: 2 }), never)) {
      parts.push(part)
      if (answerText(parts).length === 2) expect(router.cancel('request-1')).toBe(true)
    }
    expect([0, 1].map((choice) => endOf(parts, choice))).toMatchObject([{ finishReason: 'cancelled' }, { finishReason: 'cancelled' }])
    expect(outline(parts)).toMatch(/choice-end inference-end$/)
    expect(instance.running).toBe(0)
    expect(router.cancel('request-1')).toBe(false)
  })

  it('by cancel before the first part fails the request', async () => {
    const { router } = setUpRouter(slow, {
      instances: {
        foresee: async () => null,
        ensure: (_modelId, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      },
    })
    const first = router.infer(request(), never)[Symbol.asyncIterator]().next()
    expect(router.cancel('request-1')).toBe(true)
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  })

  it.each(['abort', 'leave'])('by %s frees the slot within a step', async (way) => {
    const { router, instance, records } = setUpRouter(slow)
    const client = new AbortController()
    const reading = (async () => {
      for await (const part of router.infer(request(), client.signal)) {
        if (part.type !== 'text-delta') continue
        if (way === 'leave') return
        client.abort()
      }
    })()
    if (way === 'abort') await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    else await reading
    const sampledTokens = instance.sampledTokens
    await expect.poll(() => instance.running).toBe(0)
    expect(instance.sampledTokens).toBeLessThanOrEqual(sampledTokens + 1)
    await expect.poll(() => router.activeRequests()).toBe(0)
    expect(records).toMatchObject([{ errorCode: 'cancelled', usage: { completionTokens: sampledTokens } }])
  })
})

describe('a failure of the worker', () => {
  const died = (): AppError => new AppError('worker-died', 'The worker crashed.', { reason: 'crashed' })
  const limits = { recoveryFirstDelayMs: 1, recoveryMaxDelayMs: 2 }
  /** Fails once after each of these token counts. */
  const failingAt = (...counts: number[]) => {
    const due = new Set(counts)
    return (tokens: number): AppError | null => (due.delete(tokens) ? died() : null)
  }

  it('leaves no trace in the stream of an instance that recovers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(12), { maxLength: 6 }), fc.integer({ min: 1, max: 14 }), async (failures, maxTokens) => {
        const undisturbed = await infer(setUpRouter({ answer: 'Grüße, world' }).router, { maxTokens })
        const { router, instance } = setUpRouter({ answer: 'Grüße, world', failure: failingAt(...failures) }, { limits })
        const parts = await infer(router, { maxTokens })
        expect({ text: answerText(parts), tokens: tokensOf(parts), end: endOf(parts), outline: outline(parts) }).toEqual({
          text: answerText(undisturbed),
          tokens: tokensOf(undisturbed),
          end: endOf(undisturbed),
          outline: outline(undisturbed),
        })
        expect(instance.generations.length).toBeGreaterThan(0)
        for (const { promptTokenIds, resumedTokens } of instance.generations) expect(promptTokenIds.length).toBe(6 + resumedTokens)
      }),
      { numRuns: 50 },
    )
  })

  it('is counted, and shared by all choices', async () => {
    const { router, instance, records } = setUpRouter({ answer: 'Hello', failure: failingAt(3) }, { limits })
    await infer(router)
    expect({ ensured: instance.ensured, resumes: records[0]?.resumes }).toEqual({ ensured: 2, resumes: 1 })
  })

  it.each([
    ['the instance cannot', { isRecoverable: false }, {}],
    ['the node does not want it', { isRecoverable: true }, { resume: false }],
  ])('fails the request where %s', async (_name, engine, changes) => {
    const { router, instance } = setUpRouter({ answer: 'Hello', failure: failingAt(3), ...engine }, { limits, ...changes })
    await expect(infer(router)).rejects.toMatchObject({
      code: 'instance-failed',
      message: 'The worker crashed.',
      details: { reason: 'crashed' },
    })
    expect(instance.ensured).toBe(1)
    expect(answerText(await infer(router))).toBe('Hello')
  })

  it('fails the request when it comes again and again without a token between', async () => {
    const { router, instance } = setUpRouter(
      { answer: 'Hello', failure: (tokens) => (tokens === 3 ? died() : null) },
      { limits: { ...limits, recoveries: 4 } },
    )
    await expect(infer(router)).rejects.toMatchObject({ code: 'instance-failed' })
    expect(instance.ensured).toBe(5)
  })

  it('F1: tries once more where a lone worker was ended as hung, and once only', async () => {
    const hung = (): AppError => new AppError('worker-died', 'It made no progress.', { reason: 'hung' })
    const hangingAt = (...counts: number[]) => {
      const due = new Set(counts)
      return (tokens: number): AppError | null => (due.delete(tokens) ? hung() : null)
    }
    expect(answerText(await infer(setUpRouter({ answer: 'Hello', isRecoverable: false, failure: hangingAt(3) }, { limits }).router))).toBe(
      'Hello',
    )
    await expect(
      infer(setUpRouter({ answer: 'Hello', isRecoverable: false, failure: hangingAt(2, 4) }, { limits }).router),
    ).rejects.toMatchObject({ code: 'instance-failed' })
    await expect(
      infer(setUpRouter({ answer: 'Hello', isRecoverable: false, failure: failingAt(3) }, { limits }).router),
    ).rejects.toMatchObject({ code: 'instance-failed' })
  })

  it('F5: waits for an instance that is coming back by time, however often it has asked', async () => {
    const { instance } = setUpRouter({ answer: 'Hello' })
    let calls = 0
    const recovering = {
      foresee: async () => null,
      ensure: async () => (++calls < 20 ? Promise.reject(new AppError('instance-recovering', 'Wait.')) : instance.handle),
    }
    expect(answerText(await infer(setUpRouter({ answer: '' }, { instances: recovering, limits }).router))).toBe('Hello')
  })

  it('G07: loads again what a client unloads while a request waits for it, and while its prompt is tokenized', async () => {
    const unloaded = (): AppError => new AppError('instance-failed', 'The model was unloaded.', { reason: 'unloaded' })
    const { instance } = setUpRouter({ answer: 'Hello' })
    let calls = 0
    const { tokenizer } = instance.handle
    const fail = (): Promise<never> => Promise.reject(unloaded())
    const closed = { ...instance.handle, tokenizer: { ...tokenizer, encode: fail, encodeChat: fail } }
    const ensure = async () => {
      calls += 1
      if (calls < 3) throw unloaded()
      return calls === 3 ? closed : instance.handle
    }
    const instances = { foresee: async () => null, ensure }
    expect(answerText(await infer(setUpRouter({ answer: '' }, { instances, limits }).router))).toBe('Hello')
    expect(calls).toBe(4)
  })

  it('F7: waits by time for a rank 0 that loads the model again, and counts no failure', async () => {
    let calls = 0
    const recovering = (): AppError | null =>
      ++calls < 20 ? new AppError('instance-recovering', 'The model is being loaded again.') : null
    expect(answerText(await infer(setUpRouter({ answer: 'Hello', failure: recovering }, { limits }).router))).toBe('Hello')
    const always = (): AppError => new AppError('instance-recovering', 'The model is being loaded again.')
    const { router } = setUpRouter({ answer: 'Hello', failure: always }, { limits: { ...limits, recoveryWithinMs: 50 } })
    await expect(infer(router)).rejects.toMatchObject({ code: 'instance-failed' })
  })

  it('waits for an instance that is coming back', async () => {
    const { router, instance } = setUpRouter({ answer: 'Hello' })
    let calls = 0
    const recovering = {
      foresee: async () => null,
      ensure: async () => (++calls < 3 ? Promise.reject(new AppError('instance-recovering', 'Wait.')) : instance.handle),
    }
    expect(router.activeRequests()).toBe(0)
    expect(answerText(await infer(setUpRouter({ answer: '' }, { instances: recovering, limits }).router))).toBe('Hello')
  })

  it('that only found its node too slow is no reason to load again', async () => {
    const due = new Set([3])
    const failure = (tokens: number): AppError | null => (due.delete(tokens) ? new AppError('consumer-too-slow', 'Nobody read.') : null)
    const { router, instance } = setUpRouter({ answer: 'Hello', isRecoverable: false, failure }, { limits })
    expect(answerText(await infer(router))).toBe('Hello')
    expect(instance.ensured).toBe(1)
  })

  it('can be cancelled out of', async () => {
    const { router } = setUpRouter(
      { answer: 'Hello', failure: failingAt(3) },
      { limits: { recoveryFirstDelayMs: 60_000, recoveryMaxDelayMs: 60_000 } },
    )
    const parts: InferencePart[] = []
    for await (const part of router.infer(request(), never)) {
      parts.push(part)
      if (tokensOf(parts).length === 3) setTimeout(() => router.cancel('request-1'), 20)
    }
    expect({ text: answerText(parts), end: endOf(parts) }).toMatchObject({ text: 'Hel', end: { finishReason: 'cancelled' } })
  })

  it('for want of memory is told as such', async () => {
    const error = new AppError('worker-died', 'No memory.', { reason: 'out-of-memory' })
    await expect(
      infer(setUpRouter({ answer: '' }, { instances: { foresee: async () => null, ensure: () => Promise.reject(error) } }).router),
    ).rejects.toMatchObject({
      code: 'not-enough-memory',
    })
  })
})

describe('a slow client', () => {
  const limits = { pauseAtBufferedTokens: 20, goOnAtBufferedTokens: 5, clientStallMs: 60_000 }
  const answer = 'The quick brown fox jumps over the lazy dog. '.repeat(5)

  it('gives up its slot, and gets the same text in the end', async () => {
    const { router, instance } = setUpRouter({ answer }, { limits })
    const parts = router.infer(request({ topLogprobs: 1 }), never)[Symbol.asyncIterator]()
    const first = await parts.next()
    await expect.poll(() => instance.running).toBe(0)
    expect(instance.sampledTokens).toBeLessThan(25)
    const rest: InferencePart[] = [first.value as InferencePart]
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      rest.push(next.value)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(answerText(rest)).toBe(answer)
    expect(endOf(rest)).toMatchObject({ finishReason: 'stop', completionTokens: answer.length + 1 })
    expect(instance.generations.length).toBeGreaterThan(3)
  })

  it('that reads nothing any more is given up', async () => {
    const clock = new ManualClock()
    const { router, instance } = setUpRouter({ answer }, { limits, clock })
    const parts = router.infer(request(), never)[Symbol.asyncIterator]()
    await parts.next()
    await clock.advance(59_000)
    expect(router.activeRequests()).toBe(1)
    await clock.advance(3_000)
    expect({ active: router.activeRequests(), running: instance.running }).toEqual({ active: 0, running: 0 })
    await expect(collect({ [Symbol.asyncIterator]: () => parts })).rejects.toMatchObject({ code: 'timeout' })
  })
})

describe('time limits', () => {
  const hanging = () => new Promise<never>(() => undefined)

  it.each([
    ['loading', { instances: { foresee: async () => null, ensure: hanging } }],
    ['finding the model', { models: { resolve: hanging } }],
  ])('end %s', async (_name, changes) => {
    const clock = new ManualClock()
    const { router } = setUpRouter({ answer: 'x' }, { clock, limits: { ensureMs: 1_000 }, ...changes })
    const reading = expect(infer(router)).rejects.toMatchObject({ code: 'timeout' })
    await clock.advance(1_001)
    await reading
  })

  it('end a wait for an engine that says nothing', async () => {
    const clock = new ManualClock()
    const engine = { answer: 'x', beforeToken: (): Promise<void> => new Promise((resolve) => void clock.sleep(10_000).then(resolve)) }
    const { router } = setUpRouter(engine, { clock, limits: { engineSilenceMs: 5_000 } })
    const reading = expect(infer(router)).rejects.toMatchObject({ code: 'timeout' })
    await clock.advance(11_000)
    await reading
    expect(router.activeRequests()).toBe(0)
  })
})
