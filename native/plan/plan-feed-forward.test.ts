import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FeedForwardDescription } from '../family/parts/feed-forward.ts'
import { TensorCatalog, type StoredTensor } from '../weights/tensor-catalog.ts'
import type { MatrixSource, TensorSource } from './decoder-plan.ts'
import { planFeedForward } from './plan-feed-forward.ts'
import { tensorBytes } from './planned-bytes.ts'
import { WeightPlanner } from './weight-planner.ts'

const HIDDEN = 64

function experts(count: number, width: number): FeedForwardDescription {
  const router = {
    module: 'mlp.gate',
    hasBias: false,
    scoring: 'softmax',
    correction: null,
    chosen: 2,
    isNormalized: true,
    groups: 1,
    groupsKept: 1,
    scale: 1,
  } as const
  const single = { module: 'mlp.experts', gate: 'gate_proj', up: 'up_proj', down: 'down_proj' }
  return { activation: 'silu', always: null, experts: { count, width, hasBias: false, router, stack: 'mlp.switch_mlp', single } }
}

/** A catalog of consecutive float32 tensors in one file. */
function catalogOf(shapes: Readonly<Record<string, readonly number[]>>): TensorCatalog {
  let offsetBytes = 0
  const tensors = Object.entries(shapes).map(([name, shape]): StoredTensor => {
    const tensor = { name, file: 0, offsetBytes, type: 'F32', shape }
    offsetBytes += 4 * shape.reduce((product, size) => product * size, 1)
    return tensor
  })
  return new TensorCatalog(['model.safetensors'], tensors)
}

function stackedShapes(count: number, width: number): Record<string, number[]> {
  return {
    'mlp.gate.weight': [count, HIDDEN],
    'mlp.switch_mlp.gate_proj.weight': [count, width, HIDDEN],
    'mlp.switch_mlp.up_proj.weight': [count, width, HIDDEN],
    'mlp.switch_mlp.down_proj.weight': [count, HIDDEN, width],
  }
}

function singleShapes(count: number, width: number): Record<string, number[]> {
  const one = (expert: number) => ({
    [`mlp.experts.${expert}.gate_proj.weight`]: [width, HIDDEN],
    [`mlp.experts.${expert}.up_proj.weight`]: [width, HIDDEN],
    [`mlp.experts.${expert}.down_proj.weight`]: [HIDDEN, width],
  })
  return Object.assign({ 'mlp.gate.weight': [count, HIDDEN] }, ...Array.from({ length: count }, (_, expert) => one(expert))) as Record<
    string,
    number[]
  >
}

const plan = (shapes: Record<string, number[]>, count: number, width: number, rank = 0, ranks = 1) =>
  planFeedForward(experts(count, width), new WeightPlanner(catalogOf(shapes), { rank, ranks }), '', HIDDEN)
const cutOf = ({ weight }: MatrixSource) => [weight.rowRange, weight.columnRange]

describe('planFeedForward', () => {
  it('finds every expert in a stack, at its own place in the file', () => {
    const planned = plan(stackedShapes(3, 32), 3, 32)
    const begin = (3 * HIDDEN + 3 * 32 * HIDDEN) * 4
    expect(planned.experts?.up.map(({ weight }) => weight.offsetBytes)).toEqual([0, 1, 2].map((expert) => begin + expert * 32 * HIDDEN * 4))
    expect(planned.experts?.down.map(cutOf)).toEqual(
      Array.from({ length: 3 }, () => [
        { start: 0, end: HIDDEN },
        { start: 0, end: 32 },
      ]),
    )
  })

  it('finds experts that have tensors of their own', () => {
    const planned = plan(singleShapes(3, 32), 3, 32)
    expect(planned.experts?.gate.map(({ weight }) => weight.name)).toEqual(
      [0, 1, 2].map((expert) => `mlp.experts.${expert}.gate_proj.weight`),
    )
  })

  it('gives a tensor-parallel rank its share of every expert, and the whole router', () => {
    const second = plan(stackedShapes(3, 32), 3, 32, 1, 2)
    expect(second.experts?.gate.map(cutOf)).toEqual(
      Array.from({ length: 3 }, () => [
        { start: 16, end: 32 },
        { start: 0, end: HIDDEN },
      ]),
    )
    expect(second.experts?.down.map(cutOf)).toEqual(
      Array.from({ length: 3 }, () => [
        { start: 0, end: HIDDEN },
        { start: 16, end: 32 },
      ]),
    )
    expect(second.experts && cutOf(second.experts.router.weight)).toEqual([
      { start: 0, end: 3 },
      { start: 0, end: HIDDEN },
    ])
  })

  it('counts each byte of the experts once over all ranks, in either layout', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1, 2, 4),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (count, ranks, share, isStacked) => {
          const width = ranks * share
          const shapes = isStacked ? stackedShapes(count, width) : singleShapes(count, width)
          const bytes = Array.from({ length: ranks }, (_, rank) => tensorBytes(plan(shapes, count, width, rank, ranks).experts))
          const routerBytes = count * HIDDEN * 4
          expect(bytes.reduce((sum, part) => sum + part, 0)).toBe(3 * count * width * HIDDEN * 4 + ranks * routerBytes)
        },
      ),
    )
  })

  it('names the tensor of an expert that is missing', () => {
    const { 'mlp.experts.1.up_proj.weight': _, ...shapes } = singleShapes(3, 32)
    expect(() => plan(shapes as Record<string, number[]>, 3, 32)).toThrow(
      expect.objectContaining({ code: 'model-damaged', details: { tensor: 'mlp.experts.1.up_proj.weight' } }) as Error,
    )
  })

  it('names a stack that holds too few experts', () => {
    const refusal = expect.objectContaining({
      code: 'model-damaged',
      message: expect.stringMatching(/mlp\.switch_mlp\.gate_proj\.weight .* \[2, 32, 64\], but .* \[3, 32, 64\]/) as string,
    })
    expect(() => plan({ ...stackedShapes(2, 32), 'mlp.gate.weight': [3, HIDDEN] }, 3, 32)).toThrow(refusal as Error)
  })

  it('says what ranks cannot share evenly', () => {
    const refusal = expect.objectContaining({
      code: 'strategy-unsupported',
      message: expect.stringContaining('32 outputs of mlp.switch_mlp.gate_proj') as string,
    })
    expect(() => plan(stackedShapes(4, 32), 4, 32, 0, 3)).toThrow(refusal as Error)
  })

  it('takes gate and up out of one module, each cut for its rank', () => {
    const fused: FeedForwardDescription = {
      activation: 'silu',
      always: { width: 8, hasBias: false, gateUp: ['mlp.gate_up_proj'], down: 'mlp.down_proj' },
      experts: null,
    }
    const catalog = catalogOf({ 'mlp.gate_up_proj.weight': [16, HIDDEN], 'mlp.down_proj.weight': [HIDDEN, 8] })
    const planned = planFeedForward(fused, new WeightPlanner(catalog, { rank: 1, ranks: 2 }), '', HIDDEN)
    const place = ({ offsetBytes, rowRange }: TensorSource) => ({ offsetBytes, rowRange })
    expect(planned.always?.gateUp.map(({ weight }) => place(weight))).toEqual([
      { offsetBytes: 0, rowRange: { start: 4, end: 8 } },
      { offsetBytes: 8 * HIDDEN * 4, rowRange: { start: 4, end: 8 } },
    ])
  })
})
