import { expect, it } from 'vitest'
import type { ModelsPort } from '../api-dependencies.ts'
import { standInFor } from './stand-in.ts'

const models = {
  list: async () => [
    { modelId: 'org/Qwen3-0.6B-4bit', aliases: ['qwen3-0.6b'], loaded: false },
    { modelId: 'mine:1b', aliases: [], loaded: false },
  ],
  alias: async () => null,
} as unknown as ModelsPort

it('1.16 the name of a size, as Ollama writes it, is the alias with a hyphen', async () => {
  const standIn = (name: string): Promise<string | null> => standInFor(name, models, true)
  expect(await standIn('qwen3:0.6b')).toBe('org/Qwen3-0.6B-4bit')
  expect(await standIn('ollama/qwen3:0.6b')).toBe('org/Qwen3-0.6B-4bit')
  expect(await standIn('mine:1b')).toBeNull()
  expect(await standIn('qwen3:8b')).toBeNull()
  expect(await standIn('/models/a:b')).toBeNull()
})
