import { describe, expect, it } from 'vitest'
import type { NodeId } from '../../../shared/ids.ts'
import { HeldOffPeers } from './held-off-peers.ts'

const a = 'a' as NodeId

describe('HeldOffPeers', () => {
  it('A5: doubles the wait with each fault, up to a minute, and forgets after ten', () => {
    const peers = new HeldOffPeers()
    const waits = Array.from({ length: 8 }, () => peers.fault(a, 0))
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    expect([peers.isHeldOff(a, 59_999), peers.isHeldOff(a, 60_000), peers.isHeldOff('b' as NodeId, 0)]).toEqual([true, false, false])
    expect(peers.fault(a, 600_000)).toBe(601_000)
  })

  it('keeps no more peers than a cluster has', () => {
    const peers = new HeldOffPeers()
    for (let index = 0; index < 5000; index++) peers.fault(`n${index}` as NodeId, 0)
    expect([peers.isHeldOff('n0' as NodeId, 1), peers.isHeldOff('n4999' as NodeId, 1)]).toEqual([false, true])
  })
})
