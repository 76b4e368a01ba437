import { describe, expect, it } from 'vitest'
import type { InferenceRequest } from '../shared/inference/inference.ts'
import { preparePrompt } from './prepare-prompt.ts'
import type { TokenizerPort } from './router-ports.ts'

const { signal } = new AbortController()
const tokenizer = { vocabSize: 100, decode: () => '' } as unknown as TokenizerPort
const ask = (tokenIds: number[], maxTokens: number | null = null): Promise<unknown> =>
  preparePrompt(
    { prompt: { kind: 'token-ids', tokenIds }, logitBias: [], maxTokens } as unknown as InferenceRequest,
    { tokenizer, contextTokens: 8 },
    signal,
  )

describe('preparePrompt', () => {
  it('C3: looks at no token of a prompt that has too many', async () => {
    const looked: unknown[] = []
    const tokenIds = new Proxy(Array<number>(2_000_000).fill(1), {
      get: (target, key) => (key === 'length' ? target.length : looked.push(key)),
    })
    await expect(ask(tokenIds)).rejects.toMatchObject({ code: 'context-exceeded' })
    expect(looked).toEqual([])
    await expect(ask(Array<number>(8).fill(1))).rejects.toMatchObject({ code: 'context-exceeded' })
    expect(await ask(Array<number>(8).fill(1), 0)).toMatchObject({ tokenIds: { length: 8 } })
    await expect(ask([100])).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('puts the tokens of an earlier context before the prompt', async () => {
    const words = {
      vocabSize: 100,
      decode: (ids: number[]) => `<${ids.join(' ')}>`,
      encode: async () => [3, 4],
    } as unknown as TokenizerPort
    const request = (precedingTokenIds: number[]): InferenceRequest =>
      ({ prompt: { kind: 'text', text: 'more', precedingTokenIds }, logitBias: [], maxTokens: null }) as unknown as InferenceRequest
    expect(await preparePrompt(request([1, 2]), { tokenizer: words, contextTokens: 8 }, signal)).toEqual({
      text: '<1 2>more',
      tokenIds: [1, 2, 3, 4],
    })
    await expect(preparePrompt(request([100]), { tokenizer: words, contextTokens: 8 }, signal)).rejects.toMatchObject({
      code: 'invalid-request',
      details: { param: 'context' },
    })
  })
})
