import { describe, expect, it } from 'vitest'
import { textToken } from '../__fixtures__/scripted-inference.ts'
import { answerTokens } from './score-answer.ts'

const texts = (...found: Parameters<typeof answerTokens>): string[] => answerTokens(...found).map(({ text }) => text)

describe('answerTokens', () => {
  it('takes the tokens of the answer only, and the part of the first that belongs to it', () => {
    const prompt = ['<s>', 'Hi', '\nPar', 'is'].map((text, index) => textToken(text, index, -1))
    expect(texts(prompt, 'Paris')).toEqual(['Par', 'is'])
    expect(texts(prompt, '')).toEqual([])
    expect(texts([], 'Paris')).toEqual([])
  })
  it('joins the tokens of one character, with the probability of all', () => {
    const bytes = [...Buffer.from('é')]
    const half = (byte: number | undefined, tokenId: number) => ({ ...textToken('\ufffd', tokenId, -0.5), bytes: [byte ?? 0] })
    const found = answerTokens([textToken('a', 1, -1), half(bytes[0], 2), half(bytes[1], 3)], 'aé')
    expect(found.map(({ text, probability }) => [text, probability])).toEqual([
      ['a', Math.exp(-1)],
      ['é', Math.exp(-1)],
    ])
  })
  it('offers no part of a character as an alternative', () => {
    const token = textToken('a', 1, -1)
    const broken = { tokenId: 9, text: '\ufffd', bytes: [200], logprob: -2 }
    expect(answerTokens([{ ...token, topLogprobs: [...token.topLogprobs, broken] }], 'a')[0]?.alternatives).toEqual([
      { text: '?', probability: Math.exp(-2) },
    ])
  })
})
