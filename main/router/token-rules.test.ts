import { describe, expect, it } from 'vitest'
import { GenerationSpec } from '../shared/inference/generation.ts'
import { EOS } from './__fixtures__/fake-instance.ts'
import { answerText, endOf, infer, setUpRouter } from './__fixtures__/set-up-router.ts'

describe('rules of single tokens', () => {
  it('reach the engine in token ids: words as the tokenizer spells them, also after a space', async () => {
    const { router, instance } = setUpRouter({ answer: 'Hi' })
    await infer(router, { tokenRules: { minTokens: 2, allowedTokenIds: [72, 105, EOS], badWords: ['no'], stopTokenIds: [105] } })
    expect(instance.generations[0]).toMatchObject({
      stopTokenIds: [EOS, 105],
      sampling: { minTokens: 2, allowedTokenIds: [72, 105, EOS], bannedSequences: [[110, 111]] },
    })
    await infer(router, { tokenRules: { minTokens: Number.MAX_SAFE_INTEGER }, maxTokens: 1 })
    expect(GenerationSpec.safeParse(instance.generations.pop()).success).toBe(true)
    await infer(router)
    expect(Object.keys(instance.generations[1]?.sampling ?? {})).not.toContain('minTokens')
  })

  it('a stop token ends the answer and is part of its text, a special one only where it is to be shown', async () => {
    const { router } = setUpRouter({ answer: 'Hello' })
    const parts = await infer(router, { tokenRules: { stopTokenIds: [108] }, ignoreEos: true })
    expect([answerText(parts), endOf(parts)]).toEqual(['Hel', expect.objectContaining({ finishReason: 'stop' })])
    expect(answerText(await infer(router, { tokenRules: { showsSpecialTokens: true } }))).toBe('Hello')
    expect(answerText(await infer(router, { tokenRules: { showsStop: true } }))).toBe('Hello<eos>')
    expect(answerText(await infer(router, { tokenRules: { showsSpecialTokens: true }, ignoreEos: true, maxTokens: 6 }))).toBe('Hello<eos>')
  })

  it('a stop string counts after the least number of tokens, and is shown where asked', async () => {
    const { router } = setUpRouter({ answer: 'ab ab ab' })
    expect(answerText(await infer(router, { stop: ['b'], tokenRules: { minTokens: 3 } }))).toBe('ab a')
    expect(answerText(await infer(router, { stop: ['b'], tokenRules: { showsStop: true } }))).toBe('ab')
  })

  it('only the last tokens of a prompt are read', async () => {
    const { router, instance } = setUpRouter({ answer: 'x', contextTokens: 10 })
    await infer(router, { tokenRules: { lastPromptTokens: 2 } })
    expect(instance.generations[0]?.promptTokenIds).toEqual([105, 116])
    const long = { kind: 'text' as const, text: 'a prompt that is far longer than the context' }
    await expect(infer(router, { prompt: long })).rejects.toMatchObject({ code: 'context-exceeded' })
    await infer(router, { prompt: long, maxTokens: 4, tokenRules: { lastPromptTokens: -1 } })
    expect(instance.generations[1]?.promptTokenIds).toHaveLength(6)
  })

  it('allowed ids that the vocabulary lacks are refused by name', async () => {
    const { router } = setUpRouter({ answer: 'x' })
    await expect(infer(router, { tokenRules: { allowedTokenIds: [300] } })).rejects.toMatchObject({
      code: 'invalid-request',
      details: { param: 'allowed_token_ids' },
    })
  })
})
