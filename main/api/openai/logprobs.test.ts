import { expect, it } from 'vitest'
import { toChatLogprobs } from './logprobs.ts'

it('logprobs of a chat are those of its content, without the token that ends it', () => {
  const token = (text: string) => ({ tokenId: 1, text, bytes: [...Buffer.from(text)], logprob: -1, topLogprobs: [] })
  const { content } = toChatLogprobs([token('Hi'), { ...token('<|im_end|>'), isHidden: true }])
  expect(content.map((entry) => entry.token)).toEqual(['Hi'])
})
