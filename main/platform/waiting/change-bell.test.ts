import { describe, expect, it } from 'vitest'
import { ChangeBell } from './change-bell.ts'

describe('ChangeBell', () => {
  it('wakes everyone who waits, once', async () => {
    const bell = new ChangeBell()
    const { signal } = new AbortController()
    const waits = [bell.next(signal), bell.next(signal)]
    bell.ring()
    await Promise.all(waits)
    let hasWoken = false
    void bell.next(signal).then(() => (hasWoken = true))
    await Promise.resolve()
    expect(hasWoken).toBe(false)
  })
  it('ends a wait whose signal aborts, before or during it', async () => {
    const bell = new ChangeBell()
    const stop = new AbortController()
    const wait = bell.next(stop.signal)
    stop.abort()
    await wait
    await bell.next(stop.signal)
    bell.ring()
  })
})
