import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveChoiceSeed } from '../domain/generation/derive-choice-seed.ts'
import { AppError } from '../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import { EOS, FakeInstance } from './__fixtures__/fake-instance.ts'
import { endOf, infer, never, outline, request, setUpRouter, answerText, tokensOf } from './__fixtures__/set-up-router.ts'

describe('a draft', () => {
  it('is asked where the request names one, by its id, and its count is in the timings', async () => {
    const { router, instance } = setUpRouter({ answer: 'Hi', draft: { proposedTokens: 4, acceptedTokens: 3 } })
    const parts = await infer(router, { draftModel: 'small' })
    expect(instance.generations[0]?.draft).toEqual({ modelId: 'small' })
    expect(parts.at(-1)).toMatchObject({ type: 'inference-end', timings: { draft: { proposedTokens: 4, acceptedTokens: 3 } } })
    await infer(router)
    expect(instance.generations[1]?.draft).toBeUndefined()
  })

  it.each([
    ['none', 'model-not-found'],
    ['stranger', 'draft-unsupported'],
  ])('named %s fails with %s of the field draft_model', async (draftModel, code) => {
    const { router, instance } = setUpRouter({ answer: 'Hi' })
    await expect(infer(router, { draftModel })).rejects.toMatchObject({ code, details: { param: 'draft_model' } })
    expect(instance.generations).toEqual([])
  })
})

describe('an answer', () => {
  it('comes as parts in the promised order', async () => {
    const { router, records } = setUpRouter({ answer: 'Hello' })
    const parts = await infer(router)
    expect(outline(parts)).toBe('accepted prefill-progress text-delta choice-end inference-end')
    expect(parts[0]).toEqual({
      type: 'accepted',
      modelId: 'tiny',
      promptTokenIds: [83, 97, 121, 32, 105, 116],
      promptText: 'Say it',
      seed: '7',
    })
    expect(answerText(parts)).toBe('Hello')
    expect(tokensOf(parts)).toEqual([72, 101, 108, 108, 111, EOS])
    expect(endOf(parts)).toEqual({ type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 6 })
    const usage = { promptTokens: 6, completionTokens: 6, cachedTokens: 0 }
    const rates = { queueMs: 1, prefillTokensPerSecond: 600, decodeTokensPerSecond: 250 }
    expect(parts.at(-1)).toMatchObject({ type: 'inference-end', usage, timings: rates })
    expect(records).toMatchObject([
      {
        requestId: 'request-1',
        modelId: 'tiny',
        instanceId: 'instance-1',
        seed: '7',
        finishReasons: ['stop'],
        errorCode: null,
        usage,
        timings: rates,
        resumes: 0,
        trit: 0,
      },
    ])
    expect(router.activeRequests()).toBe(0)
  })

  it('tells how long the first token took as soon as it is there, once', async () => {
    const told: [string, boolean][] = []
    const { router } = setUpRouter({ answer: 'Hello' }, { onFirstToken: (instanceId, ttftMs) => told.push([instanceId, ttftMs >= 0]) })
    for await (const part of router.infer(request(), never)) {
      if (part.type === 'text-delta') expect(told).toHaveLength(1)
    }
    expect(told).toEqual([['instance-1', true]])
  })
  it('takes chats and token ids as prompts', async () => {
    const { router } = setUpRouter({ answer: 'ok' })
    const chat = { kind: 'messages' as const, messages: [{ role: 'user' as const, content: 'Hi' }], tools: [], templateVariables: {} }
    expect((await infer(router, { prompt: chat }))[0]).toMatchObject({ promptText: 'user: Hi\n' })
    expect((await infer(router, { prompt: { kind: 'token-ids', tokenIds: [72, 105] } }))[0]).toMatchObject({
      promptText: 'Hi',
      promptTokenIds: [72, 105],
    })
  })

  it('H10 has at most the tokens asked for, and at most what the context has left', async () => {
    const { router, instance } = setUpRouter({ answer: 'Hello', contextTokens: 10 })
    expect(endOf(await infer(router, { maxTokens: 2 }))).toMatchObject({ finishReason: 'length', completionTokens: 2 })
    expect(endOf(await infer(router, { maxTokens: 500 }))).toMatchObject({ finishReason: 'length', completionTokens: 4 })
    expect(endOf(await infer(router))).toMatchObject({ finishReason: 'length', completionTokens: 4 })
    expect(outline(await infer(router, { maxTokens: 0 }))).toBe('accepted choice-end inference-end')
    expect(instance.generations.map(({ maxTokens }) => maxTokens)).toEqual([2, 4, 4])
  })

  it('refuses what no instance could serve before a model is loaded for it', async () => {
    const { router, instance } = setUpRouter({ answer: 'Hello', contextTokens: 10, isLoaded: false })
    await expect(infer(router, { prompt: { kind: 'text', text: 'much longer than ten tokens' } })).rejects.toMatchObject({
      code: 'context-exceeded',
    })
    await expect(infer(router, { prompt: { kind: 'token-ids', tokenIds: [9999] } })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(infer(router, { logitBias: [[9999, 1]] })).rejects.toMatchObject({ code: 'invalid-request' })
    expect(instance.ensured).toBe(0)
    expect(answerText(await infer(router, { maxTokens: 2 }))).toBe('He')
  })

  it('loads a model whose request cannot be checked beforehand', async () => {
    const { instance } = setUpRouter({ answer: 'Hello' })
    const { router } = setUpRouter(
      { answer: '' },
      { instances: { ...instance.instances, foresee: () => Promise.reject(new AppError('timeout', 'The tokenizer took too long.')) } },
    )
    expect(answerText(await infer(router))).toBe('Hello')
  })

  it('goes on behind the end of sequence when asked to', async () => {
    const { router, instance } = setUpRouter({ answer: 'ab' })
    expect(tokensOf(await infer(router, { ignoreEos: true, maxTokens: 4 }))).toEqual([97, 98, EOS, EOS])
    expect(instance.generations[0]?.stopTokenIds).toEqual([])
  })

  it('never shows half a character', async () => {
    const { router } = setUpRouter({ answer: 'né€🙂!' })
    const parts = await infer(router)
    expect(answerText(parts)).toBe('né€🙂!')
    expect(
      parts
        .filter((part) => part.type === 'text-delta')
        .map(({ text }) => text)
        .filter((text) => text !== ''),
    ).toEqual(['n', 'é', '€', '🙂', '!'])
    expect(answerText(await infer(router, { maxTokens: 2 }))).toBe('n\ufffd')
  })

  it('draws a seed where none is given', async () => {
    const { router, instance } = setUpRouter({ answer: 'x' })
    const [accepted] = await infer(router, { seed: null })
    expect(accepted).toMatchObject({ seed: expect.stringMatching(/^\d+$/) })
    expect(instance.generations[0]?.sampling.seed).toBe((accepted as { seed: string }).seed)
  })

  it('reports logprobs of prompt and answer', async () => {
    const { router } = setUpRouter({ answer: 'hi' })
    const parts = await infer(router, { topLogprobs: 1, promptLogprobs: true, maxTokens: 1, choices: 2 })
    expect(outline(parts).startsWith('accepted prefill-progress prompt-tokens text-delta')).toBe(true)
    expect(parts.find((part) => part.type === 'prompt-tokens')).toMatchObject({
      tokens: [...'Say it'].map((text) => ({ text, logprob: -0.5 })),
    })
    expect(parts.find((part) => part.type === 'text-delta')).toMatchObject({
      tokens: [
        { tokenId: 104, text: 'h', bytes: [104], logprob: -0.5, topLogprobs: [{ tokenId: 104, text: 'h', bytes: [104], logprob: -0.5 }] },
      ],
    })
    const echo = await infer(router, { topLogprobs: 1, promptLogprobs: true, maxTokens: 0 })
    expect(outline(echo)).toBe('accepted prefill-progress prompt-tokens choice-end inference-end')
  })
})

describe('a stop string', () => {
  it('ends text and engine at once, and is not shown', async () => {
    const { router, instance } = setUpRouter({
      answer: 'one, two, three, four',
      beforeToken: () => new Promise((resolve) => setImmediate(resolve)),
    })
    const parts = await infer(router, { stop: [', three', 'zzz'] })
    expect(answerText(parts)).toBe('one, two')
    expect(endOf(parts)).toEqual({ type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: ', three', completionTokens: 15 })
    expect(instance.ended).toMatchObject([{ finishReason: 'cancelled' }])
    expect(instance.sampledTokens).toBeLessThanOrEqual(16)
  })

  it('holds back what may become one, and shows it when it does not', async () => {
    const { router } = setUpRouter({ answer: 'one, two' })
    expect(answerText(await infer(router, { stop: ['two!'] }))).toBe('one, two')
  })

  it('is never shown, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', 'b', '€'), maxLength: 30 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '€'), minLength: 1, maxLength: 4 }),
        async (answer, stop) => {
          const { router } = setUpRouter({ answer })
          const at = answer.indexOf(stop)
          expect(answerText(await infer(router, { stop: [stop] }))).toBe(at < 0 ? answer : answer.slice(0, at))
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('several choices', () => {
  it('each have their own seed and end, and one usage', async () => {
    const { router, instance } = setUpRouter({ answer: ({ sampling }) => `answer to ${sampling.seed}` })
    const parts = await infer(router, { choices: 3 })
    const seeds = [0, 1, 2].map((choice) => deriveChoiceSeed('7', choice))
    expect([0, 1, 2].map((choice) => answerText(parts, choice))).toEqual(seeds.map((seed) => `answer to ${seed}`))
    expect(instance.generations.map(({ sampling }) => sampling.seed)).toEqual(seeds)
    expect(new Set(instance.generations.map(({ generationId }) => generationId)).size).toBe(3)
    const completionTokens = parts.reduce((total, part) => total + (part.type === 'choice-end' ? part.completionTokens : 0), 0)
    expect(parts.at(-1)).toMatchObject({ usage: { promptTokens: 6, completionTokens } })
  })

  it('all fail with one of them', async () => {
    const { router, instance } = setUpRouter({
      answer: 'Hello',
      failure: (tokens) => (tokens === 3 ? new AppError('engine-busy', 'Too many requests.') : null),
    })
    await expect(infer(router, { choices: 3 })).rejects.toMatchObject({ code: 'engine-busy' })
    expect(instance.running).toBe(0)
  })
})

describe('a bad request', () => {
  it.each([
    ['an unknown model', { model: 'huge' }, 'model-not-found'],
    ['a full context', { prompt: { kind: 'text', text: 'x'.repeat(1000) } }, 'context-exceeded'],
    ['an empty prompt', { prompt: { kind: 'text', text: '' } }, 'invalid-request'],
    ['an unknown token id', { prompt: { kind: 'token-ids', tokenIds: [257] } }, 'invalid-request'],
    ['a bias on an unknown token id', { logitBias: [[300, 1]] }, 'invalid-request'],
  ] as const)('with %s fails before any part', async (_name, changes, code) => {
    const { router, instance, records } = setUpRouter({ answer: 'x' })
    const parts: InferencePart[] = []
    const reading = (async () => {
      for await (const part of router.infer(request(changes as Partial<InferenceRequest>), never)) parts.push(part)
    })()
    await expect(reading).rejects.toMatchObject({ code })
    expect({ parts, generations: instance.generations }).toEqual({ parts: [], generations: [] })
    expect(records).toMatchObject([{ errorCode: code, finishReasons: null }])
  })

  it('that the engine has no place for fails before any part', async () => {
    const instance = new FakeInstance({ answer: 'x' })
    const { router } = setUpRouter(
      { answer: 'x' },
      {
        instances: {
          foresee: async () => null,
          ensure: async () => ({
            ...instance.handle,
            generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new AppError('engine-busy', 'Full.')) }) }),
          }),
        },
      },
    )
    const first = router.infer(request(), never)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 'engine-busy' })
  })
})
