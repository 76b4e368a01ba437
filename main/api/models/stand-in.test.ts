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

it('the only loaded model that does what the request needs stands in, whatever else is loaded', async () => {
  const loaded = (modelId: string, purpose?: 'embeddings' | 'rerank') => ({ modelId, aliases: [], loaded: true, card: { purpose } })
  const [chat, embeds, ranks] = [loaded('org/chat'), loaded('org/embeds', 'embeddings'), loaded('org/ranks', 'rerank')]
  const standIns = async (...listed: readonly object[]): Promise<(string | null)[]> => {
    const here = { ...models, list: async () => listed } as unknown as ModelsPort
    const found = (name: string) => (['completion', 'embedding', 'rerank'] as const).map((needs) => standInFor(name, here, true, needs))
    const [byDefault, byCloud] = await Promise.all(['default', 'gpt-4o'].map((name) => Promise.all(found(name))))
    expect(byCloud).toEqual(byDefault)
    return byDefault ?? []
  }
  expect(await standIns(chat, embeds, ranks)).toEqual(['org/chat', 'org/embeds', 'org/ranks'])
  expect(await standIns(chat, ranks)).toEqual(['org/chat', 'org/chat', 'org/ranks'])
  expect(await standIns(embeds)).toEqual([null, 'org/embeds', null])
  expect(await standIns(chat, loaded('org/other'), embeds)).toEqual([null, 'org/embeds', null])
  expect(await standIns({ ...chat, loaded: false }, ranks)).toEqual([null, null, 'org/ranks'])
})
