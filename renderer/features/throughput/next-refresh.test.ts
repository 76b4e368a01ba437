import { describe, expect, it } from 'vitest'
import { firstRefresh, nextRefresh, type Refresh } from './next-refresh.ts'

/** What happened in each second. @returns the seconds of the refreshes */
function refreshes(happened: readonly boolean[]): number[] {
  let refresh: Refresh = firstRefresh
  return happened.flatMap((hasHappened, second) => {
    const before = refresh.version
    refresh = nextRefresh(refresh, hasHappened, second * 1000)
    return refresh.version === before ? [] : [second]
  })
}

const seconds = (count: number, happened: (second: number) => boolean): boolean[] =>
  Array.from({ length: count }, (_, second) => happened(second))

describe('nextRefresh', () => {
  it('rests while nothing happens', () => expect(refreshes(seconds(60, () => false))).toEqual([]))
  it('comes at once after a rest, and once more for what happened meanwhile', () =>
    expect(refreshes(seconds(60, (second) => [20, 23, 24].includes(second)))).toEqual([20, 30]))
  it('comes each 10 s while something happens all the time', () => expect(refreshes(seconds(31, () => true))).toEqual([0, 10, 20, 30]))
})
