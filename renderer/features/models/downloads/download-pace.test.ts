import { describe, expect, it } from 'vitest'
import { addPaceSample, paceOf, type PaceSample } from './download-pace.ts'

const pace = (...samples: readonly (readonly [atMs: number, doneBytes: number])[]) =>
  paceOf(samples.reduce<readonly PaceSample[]>((before, [atMs, doneBytes]) => addPaceSample(before, { atMs, doneBytes }), []))

describe('the pace of a download', () => {
  it('is bytes per second', () => expect(pace([0, 0], [1000, 50], [2000, 100])).toBe(50))
  it('is unknown at first', () => expect([pace(), pace([0, 0]), pace([0, 0], [100, 1])]).toEqual([null, null, null]))
  it('is that of the last seconds', () => expect(pace([0, 0], [20_000, 1000], [22_000, 1020])).toBe(10))
  it('begins anew with a download that does', () => expect(pace([0, 500], [2000, 0], [4000, 100])).toBe(50))
})
