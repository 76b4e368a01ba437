import { describe, expect, it } from 'vitest'
import { formatIdle, formatRanks } from './format-ranks.ts'

describe('formatRanks', () => {
  it('says what each layout costs, beside one process and beside MLX alone', () => {
    const layouts = {
      one: { msPerToken: 2, totalTokensPerSecond: 1000, bytesPerToken: 0 },
      pipeline: { msPerToken: 3, totalTokensPerSecond: 1250, bytesPerToken: 1200.4 },
      sealedPipeline: { msPerToken: 3.15, totalTokensPerSecond: 1250, bytesPerToken: 1400 },
      tensor: 'heads cannot be split over 2',
      sealedTensor: 'heads cannot be split over 2',
    }
    const sealing = { pipeline: { timeRatio: 1.05, ofStreamsRatio: 0.98 }, tensor: null }
    expect(formatRanks('tiny', { layouts, sealing, bare: { pingPongMs: 0.1, allSumMs: 0.05 }, allSumsPerToken: 60 }).split('\n')).toEqual([
      'tiny',
      '  one process          2.00 ms per token; 4 streams: 1000.0 tokens/s in all',
      '  pipeline of 2 ranks  3.00 ms per token, 1.50x of one process; 4 streams: 1250.0 tokens/s in all ' +
        '(1.25x), 1200 bytes on the wire; MLX alone: round trip 0.100 ms',
      '    the same, sealed   3.15 ms per token, +5.0 % in pairs; 4 streams: 1250.0 tokens/s in all, -2.0 % time',
      '  tensor of 2 ranks    not possible: heads cannot be split over 2',
      '    the same, sealed   not possible: heads cannot be split over 2',
    ])
    expect(
      formatRanks('tiny', {
        layouts: { ...layouts, tensor: { msPerToken: 8, totalTokensPerSecond: 500, bytesPerToken: null } },
        sealing,
        bare: { pingPongMs: 0.1, allSumMs: 0.05 },
        allSumsPerToken: 60,
      }),
    ).toContain(
      'tensor of 2 ranks    8.00 ms per token, 4.00x of one process; 4 streams: 500.0 tokens/s in all ' +
        '(0.50x); MLX alone: 60 sums of 0.050 ms, 3.000 ms',
    )
  })
})

describe('formatIdle', () => {
  it('says what a node costs, or that it is unknown', () => {
    expect(formatIdle({ nodes: 10, seconds: 20, processorRatio: 0.0123, bytesPerSecond: 5000.4, packetsPerSecond: 40.2 })).toBe(
      '10 idle nodes, over 20 s, each: 1.23 % of a core, 5000 bytes/s in 40 packets/s sent',
    )
    expect(formatIdle({ nodes: 2, seconds: 20, processorRatio: null, bytesPerSecond: null, packetsPerSecond: null })).toBe(
      '2 idle nodes, over 20 s, each: unknown, unknown traffic sent',
    )
  })
})
