import { describe, expect, it } from 'vitest'
import { refusePeerNumber } from './refuse-peer-number.ts'

describe('A5: refusePeerNumber', () => {
  it.each([
    ['totalBytes', 512 * 2 ** 30],
    ['availableBytes', 0],
    ['sentBytes', 2 ** 52],
    ['layers', 126],
    ['vocabSize', 262_144],
    ['contextTokens', 10_485_760],
    ['decodeTokensPerSecond', 1e6],
    ['epochMs', 1.8e12],
    ['rank', 31],
    ['term', 2 ** 52],
    ['logprob', -1e30 / 1e30],
  ])('lets %s be %d', (key, value) => expect(refusePeerNumber(key, value)).toBeNull())

  it.each([
    ['totalBytes', 2 ** 53],
    ['availableBytes', 1e300],
    ['layers', 1e9],
    ['layers', -1e9],
    ['minNodes', 1e6],
    ['contextTokens', 2 ** 40],
    ['roundTripMs', Infinity],
    ['epochMs', -Infinity],
    ['anything', Number.NaN],
    ['headIndex', 2 ** 53],
  ])('refuses %s of %d', (key, value) => expect(refusePeerNumber(key, value)).not.toBeNull())
})
