import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../shared/ids.ts'
import { FirstTokenTimes } from './first-token-times.ts'

const [x, y] = [InstanceId.parse('x'), InstanceId.parse('y')]

describe('FirstTokenTimes', () => {
  it('keeps the last of each instance, for a minute, whatever the time of day is set to', () => {
    let [nowMs, jumpMs] = [0, 0]
    const times = new FirstTokenTimes({ now: () => nowMs, epochMs: () => nowMs + jumpMs })
    times.note(x, 900)
    nowMs = 30_000
    times.note(x, 40)
    times.note(y, 70)
    expect(times.list()).toEqual([
      { instanceId: x, ttftMs: 40, atEpochMs: 30_000 },
      { instanceId: y, ttftMs: 70, atEpochMs: 30_000 },
    ])
    nowMs = 80_000
    jumpMs = 3_600_000
    expect(times.list()).toHaveLength(2)
    times.note(y, 50)
    nowMs = 91_000
    jumpMs = -3_600_000
    expect(times.list()).toEqual([{ instanceId: y, ttftMs: 50, atEpochMs: 3_680_000 }])
  })
})
