import { describe, expect, it } from 'vitest'
import { aCard, GB } from '../../../domain/cluster/__fixtures__/builders.ts'
import { InstanceId, ModelId } from '../../../shared/ids.ts'
import type { Worker } from '../../../worker/supervisor/worker.ts'
import { DraftRoom } from './draft-room.ts'

const x = InstanceId.parse('x')
const draft = (name: string, weightBytes: number) => aCard({ modelId: ModelId.parse(`org/${name}`), weightBytes })
const asked = { promptTokenIds: [1, 2, 3], maxTokens: 100 }
const worker = (): Worker => ({}) as Worker

describe('a draft model that only a request names', () => {
  const room = (freeBytes: number, reserved: string | null = null) =>
    new DraftRoom({ reservedFor: () => (reserved === null ? null : ModelId.parse(reserved)), freeBytes: () => freeBytes })

  it('is loaded where there is room for it, and refused by name where there is not', () => {
    expect(() => room(2 * GB).take(worker(), x, draft('small', GB), asked)).not.toThrow()
    expect(() => room(2 * GB).take(worker(), x, draft('large', 2 * GB), asked)).toThrow(
      expect.objectContaining({
        code: 'draft-unsupported',
        message: expect.stringMatching(/org\/large.*--max-memory/),
      }),
    )
  })

  it('is not asked for if placement has reserved its memory, or if the worker has it already', () => {
    expect(() => room(0, 'org/large').take(worker(), x, draft('large', 2 * GB), asked)).not.toThrow()
    const free = [2 * GB, 0]
    const shrinking = new DraftRoom({ reservedFor: () => null, freeBytes: () => free.shift() ?? 0 })
    const same = worker()
    shrinking.take(same, x, draft('small', GB), asked)
    expect(() => shrinking.take(same, x, draft('small', GB), asked)).not.toThrow()
  })

  it('takes the place of the draft that the worker had before', () => {
    const free = [3 * GB, 0.5 * GB]
    const shrinking = new DraftRoom({ reservedFor: () => null, freeBytes: () => free.shift() ?? 0 })
    const same = worker()
    shrinking.take(same, x, draft('first', 2 * GB), asked)
    expect(() => shrinking.take(same, x, draft('second', 2 * GB), asked)).not.toThrow()
  })
})
