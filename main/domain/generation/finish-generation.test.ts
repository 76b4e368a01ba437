import { expect, it } from 'vitest'
import { finishOf } from './finish-generation.ts'

it.each([
  [{ tokenIds: [], maxTokens: 3, stopTokenIds: [2] }, null],
  [{ tokenIds: [5], maxTokens: 3, stopTokenIds: [2] }, null],
  [{ tokenIds: [5, 2], maxTokens: 3, stopTokenIds: [2] }, 'stop'],
  [{ tokenIds: [5, 6, 2], maxTokens: 3, stopTokenIds: [2] }, 'stop'],
  [{ tokenIds: [2, 5, 6], maxTokens: 3, stopTokenIds: [2] }, 'length'],
  [{ tokenIds: [5, 2], maxTokens: 3, stopTokenIds: [] }, null],
  [{ tokenIds: [], maxTokens: 0, stopTokenIds: [] }, 'length'],
])('finishOf(%o) is %s', (progress, finish) => expect(finishOf(progress)).toBe(finish))
