import { expect, it } from 'vitest'
import type { TokenizerPort } from '../../../router/router-ports.ts'
import { ModelId } from '../../../shared/ids.ts'
import { createDrafts } from './drafts.ts'

const [main, small, stranger] = ['main', 'small', 'stranger'].map((id) => ModelId.parse(id)) as [ModelId, ModelId, ModelId]
const signal = new AbortController().signal

it('refuses a draft with another vocabulary, and compares each pair once', async () => {
  const asked: string[] = []
  const drafts = createDrafts(async (modelId) => {
    asked.push(modelId)
    return { vocabSize: 3, tokenBytes: (id: number) => Uint8Array.of(modelId === stranger && id === 2 ? 9 : id) } as TokenizerPort
  })
  for (let time = 0; time < 2; time++) {
    await drafts.check(main, small, signal)
    await expect(drafts.check(main, stranger, signal)).rejects.toMatchObject({
      code: 'draft-unsupported',
      message: expect.stringContaining('token 2 differs'),
    })
  }
  expect(asked).toEqual(['main', 'small', 'main', 'stranger'])
})
