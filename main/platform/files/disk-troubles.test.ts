import { expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { DiskTroubles } from './disk-troubles.ts'

it('D1: keeps what could not be written until it is, and tells the log once for each reason', () => {
  const lines: string[] = []
  let now = 5
  const troubles = new DiskTroubles(
    { epochMs: () => now++ },
    { warn: (message) => void lines.push(message), info: (message) => void lines.push(message) },
  )
  const full = new AppError('disk-full', 'Make room.')
  for (let attempt = 0; attempt < 3; attempt++) troubles.onWritten('/d/a', full)
  troubles.onWritten('/d/b', new Error('odd'))
  expect(troubles.list()).toEqual([
    { path: '/d/a', code: 'disk-full', message: 'Make room.', sinceEpochMs: 5, attempts: 3 },
    { path: '/d/b', code: 'internal', message: 'odd', sinceEpochMs: 6, attempts: 1 },
  ])
  expect(lines).toHaveLength(2)
  troubles.onWritten('/d/a', null)
  troubles.onWritten('/d/c', null)
  expect(troubles.list().map(({ path }) => path)).toEqual(['/d/b'])
  expect(lines).toHaveLength(3)
})

it('holds a bounded number', () => {
  const troubles = new DiskTroubles({ epochMs: () => 0 }, { warn: () => undefined, info: () => undefined })
  for (let index = 0; index < 1000; index++) troubles.onWritten(`/d/${index}`, new Error('full'))
  expect(troubles.list().length).toBeLessThanOrEqual(64)
})
