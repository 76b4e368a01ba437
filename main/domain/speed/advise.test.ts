import { describe, expect, it } from 'vitest'
import { aCard, ethernet, GB } from '../cluster/__fixtures__/builders.ts'
import { advise } from './advise.ts'
import { LIST_PRICES } from './prices.ts'
import { quantizationsOf } from './quantizations-of.ts'

const llama = (bits: number) =>
  aCard({
    modelId: `mlx-community/Llama-3.3-70B-Instruct-${bits}bit` as never,
    layers: 80,
    weightBytes: Math.round((70.55e9 * (bits + 0.5)) / 8),
    hiddenSize: 8192,
    vocabSize: 128_256,
    attentionHeads: 64,
    kvHeads: 8,
    headDim: 128,
    contextTokens: 131_072,
    quantization: { bits, groupSize: 64 },
  })
const studio = { chip: 'Apple M3 Ultra', gpuCores: 60, memoryGigabytes: 96 }
const wish = (tokensPerSecond: number, contextTokens = 8192) => ({ tokensPerSecond, contextTokens })

describe('advise', () => {
  it('changes nothing that is fast enough', () => {
    const [now, ...others] = advise([llama(4)], { machines: { studio } }, wish(5), LIST_PRICES, 10_000)
    expect([now?.changes, now?.cost, now?.reaches]).toEqual([[], 0, true])
    expect(others.every(({ tokensPerSecond }) => (tokensPerSecond?.likely ?? 0) > (now?.tokensPerSecond?.likely ?? 0))).toBe(true)
  })

  it('proposes a smaller quantization before money', () => {
    const cards = quantizationsOf(llama(8), [llama(8), llama(4), aCard()])
    const [now, first] = advise(cards, { machines: { studio } }, wish(12), LIST_PRICES, 10_000)
    expect([now?.reaches, first?.cost, first?.modelId]).toEqual([false, 0, 'mlx-community/Llama-3.3-70B-Instruct-4bit'])
  })

  it('proposes a cable with RDMA between machines that support it', () => {
    const have = { machines: { studio, other: studio } }
    const [now, first] = advise([llama(4)], have, wish((18 + 14) / 2), LIST_PRICES, 100)
    expect(now?.reaches).toBe(false)
    expect([first?.changes, first?.cost, first?.placement?.backend, first?.reaches]).toEqual([
      ['1 Thunderbolt cable with RDMA (69 USD)'],
      69,
      'jaccl',
      true,
    ])
  })

  it('proposes a machine if the model does not fit, and keeps the budget', () => {
    const have = { machines: { mini: { chip: 'Apple M4', memoryGigabytes: 16 } } }
    const [now, first] = advise([llama(4)], have, wish(5), LIST_PRICES, 3000)
    expect(now?.obstacle).toContain('Not enough memory')
    expect(first?.cost).toBeLessThanOrEqual(3000)
    expect(first?.reaches).toBe(true)
    expect(advise([llama(4)], have, wish(5), LIST_PRICES, 100)).toEqual([now])
  })

  it('takes prices and a topology from the user', () => {
    const prices = {
      currency: 'EUR',
      cable: 10,
      machines: [{ name: 'Used Mac', chip: 'Apple M2 Ultra', memoryGigabytes: 128, price: 1000 }],
    }
    const have = { machines: { mini: { chip: 'Apple M4', memoryGigabytes: 16 } } }
    expect(advise([llama(4)], have, wish(5), prices, 2000)[1]?.changes).toEqual(['a Used Mac with M2 Ultra and 128 GB (1,000 EUR)'])
    const topology = {
      nodes: { a: { chip: 'Apple M4 Max', totalBytes: 128 * 2 ** 30, availableBytes: 96 * GB } },
      links: ethernet('a', 'a'),
    }
    expect(advise([llama(4)], topology, wish(5), prices, 2000)[0]?.reaches).toBe(true)
  })

  it('refuses what is neither', () => {
    expect(() => advise([llama(4)], { machine: {} }, wish(5), LIST_PRICES, 100)).toThrow(expect.objectContaining({ name: 'ZodError' }))
  })
})
