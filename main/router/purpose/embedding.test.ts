import { describe, expect, it } from 'vitest'
import { infer, setUpRouter } from '../__fixtures__/set-up-router.ts'

describe('an embedding', () => {
  it('is asked of the engine with the pooling of the model, and comes before the end', async () => {
    const { router, instance } = setUpRouter({ answer: 'never said' })
    const parts = await infer(router, { embeds: true, maxTokens: 0 })
    expect(instance.generations[0]).toMatchObject({ pooling: 'mean', maxTokens: 0 })
    expect(parts.filter(({ type }) => type === 'embedding')).toEqual([{ type: 'embedding', vector: [0.6, 0.8] }])
    expect(parts.map(({ type }) => type).slice(-2)).toEqual(['choice-end', 'inference-end'])
    expect(instance.sampledTokens).toBe(0)
  })

  it('that the engine does not know ends without one', async () => {
    const { router } = setUpRouter({ answer: 'never said', embeds: false })
    const parts = await infer(router, { embeds: true, maxTokens: 0 })
    expect(parts.map(({ type }) => type)).not.toContain('embedding')
    expect(parts.at(-1)?.type).toBe('inference-end')
  })

  it('of too long a text is of its beginning where that is asked, else refused', async () => {
    const { router, instance } = setUpRouter({ answer: '', contextTokens: 4 })
    await infer(router, { embeds: true, maxTokens: 0, tokenRules: { cutsPromptEnd: true } })
    expect(instance.generations[0]?.promptTokenIds).toEqual([...Buffer.from('Say ')])
    await expect(infer(router, { embeds: true, maxTokens: 0 })).rejects.toMatchObject({ code: 'context-exceeded' })
  })
})
