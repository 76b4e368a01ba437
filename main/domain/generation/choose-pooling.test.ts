import { describe, expect, it } from 'vitest'
import { choosePooling } from './choose-pooling.ts'

describe('which states make up an embedding', () => {
  it.each([
    ['mlx-community/Qwen3-Embedding-0.6B-4bit-DWQ', null, 'last'],
    ['org/e5-mistral-7b-instruct', null, 'last'],
    ['mlx-community/Qwen3-0.6B-4bit', null, 'mean'],
    ['org/any', 'first', 'first'],
    ['org/some-embedder', 'mean', 'mean'],
  ] as const)('of %s, whose files say %s: %s', (modelId, stated, pooling) => {
    expect(choosePooling(modelId, stated)).toBe(pooling)
  })
})
