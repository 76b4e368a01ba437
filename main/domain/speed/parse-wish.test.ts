import { describe, expect, it } from 'vitest'
import { parseWish } from './parse-wish.ts'

describe('parseWish', () => {
  it.each([
    ['20 tok/s at 64k', 20, 65_536],
    ['20tok/s', 20, 0],
    ['20', 20, 0],
    ['7.5 tokens per second at 8192', 7.5, 8192],
    ['7,5 t/s @ 8k', 7.5, 8192],
    ['20 tokens/sec with 128K tokens of context', 20, 131_072],
  ])('reads %s', (text, tokensPerSecond, contextTokens) => {
    expect(parseWish(text)).toEqual({ tokensPerSecond, contextTokens })
  })

  it.each(['', 'fast', '0 tok/s', '20 GB/s', '20 tok/s at noon', '-3 tok/s', '1e9 tok/s'])('refuses %j', (text) => {
    expect(parseWish(text)).toBeNull()
  })
})
