import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cardsOfFacts, readModelFacts, storageOf } from './__fixtures__/cards-of-facts.ts'
import { countWeights } from './__fixtures__/count-weights.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The bits of a weight with its share of the scales and offsets of its group. */
function bitsPerWeight(stored: string): number {
  const { form, bits, groupSize } = storageOf(stored)
  if (form === 'mxfp4') return bits + 8 / groupSize
  return bits + (form === 'integer' ? 16 : 32) / groupSize
}

describe.each(readModelFacts().map((facts) => [facts.source, facts] as const))('the cards of %s', (_, facts) => {
  it.each(cardsOfFacts(facts).map(({ name, text }) => [name, text]))('%s is as written from the facts', (name, text) =>
    expect(readFileSync(join(root, 'assets', 'model-cards', name), 'utf8')).toBe(text),
  )

  const counted = countWeights(facts.config)
  it('have a config whose weights can be counted', () => expect(counted).toBeDefined())
  it.each(facts.builds.filter(({ stored }) => !stored.startsWith('mixed')).map((build) => [build.modelId, build] as const))(
    'state the bytes that the layers, widths and bits of %s come to',
    (__, { stored, rest = stored, weightBytes }) => {
      const { experts, others } = counted!
      const expected = (experts * bitsPerWeight(stored) + others * bitsPerWeight(rest)) / 8 + facts.otherBytes
      expect(Math.abs(weightBytes / expected - 1)).toBeLessThan(0.01)
    },
  )
})
