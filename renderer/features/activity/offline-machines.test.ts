import { expect, it } from 'vitest'
import type { LoggedActivity } from '../../../main/shared/activity/activity.ts'
import { offlineMachines } from './offline-machines.ts'

let id = 0
const entry = (kind: LoggedActivity['kind'], nodeId: string | null, atMs: number): LoggedActivity => ({
  id: ++id,
  kind,
  subject: `machine ${nodeId}`,
  nodeId,
  machine: null,
  message: null,
  atMs,
})
const HOUR_MS = 3_600_000

it('B15: a machine that left stays visible as offline until it is back, or for a day', () => {
  const log = [
    entry('machine-left', 'a', 5),
    entry('machine-left', 'here', 4),
    entry('machine-joined', 'back', 3),
    entry('machine-left', 'back', 2),
    entry('machine-joined', 'a', 1),
  ]
  expect(offlineMachines(log, ['here'], HOUR_MS)).toEqual([{ nodeId: 'a', name: 'machine a', sinceMs: 5 }])
  expect(offlineMachines(log, ['here'], 25 * HOUR_MS)).toEqual([])
})

it('machines of an earlier cluster are not missed', () =>
  expect(offlineMachines([entry('cluster-changed', null, 2), entry('machine-left', 'a', 1)], [], 3)).toEqual([]))
