import { describe, expect, it } from 'vitest'
import { publishedCard } from './__fixtures__/published-models.ts'
import { calibrateSpeed } from './calibrate-speed.ts'
import { CHIPS } from './machine/chips.ts'
import { MLX_TRAITS } from './engine-traits.ts'
import { speedOfChip } from './machine/machine-speeds.ts'
import { modelWork } from './model-work.ts'
import { decodeSeconds, promptSeconds } from './step-seconds.ts'

const card = publishedCard('Llama 3.1 8B', '4 bits')
const work = modelWork(card)
const measured = { decodeTokensPerSecond: 40, contextTokens: 600, prefillTokensPerSecond: 300, promptTokens: 512 }

describe('calibrateSpeed', () => {
  it.each([
    ['a known chip', speedOfChip(CHIPS[10] as (typeof CHIPS)[number])],
    ['no known chip', null],
  ])('finds the speed with which the forecast equals the measurement, with %s', (_, guess) => {
    const speed = calibrateSpeed(card, measured, guess)
    const group = { work, strategy: 'pipeline', ranks: [{ speed, layers: work.layers }], path: null, traits: MLX_TRAITS } as const
    expect(1 / decodeSeconds(group, 600)).toBeCloseTo(40, 3)
    expect(512 / promptSeconds(group, 512)).toBeCloseTo(300, 0)
  })

  it('predicts another model from it', () => {
    const chip = speedOfChip(CHIPS.find(({ name, gpuCores }) => name === 'Apple M4 Max' && gpuCores === 40) as (typeof CHIPS)[number])
    const speed = calibrateSpeed(
      publishedCard('Llama 3.2 3B', '4 bits'),
      { ...measured, decodeTokensPerSecond: 200.1, contextTokens: 128 },
      chip,
    )
    const large = modelWork(publishedCard('Qwen 2.5 32B', '4 bits'))
    const group = { work: large, strategy: 'pipeline', ranks: [{ speed, layers: 64 }], path: null, traits: MLX_TRAITS } as const
    // Measured: 23, see the published points.
    expect(1 / decodeSeconds(group, 128)).toBeGreaterThan(20)
    expect(1 / decodeSeconds(group, 128)).toBeLessThan(27)
  })
})
