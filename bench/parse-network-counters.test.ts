import { describe, expect, it } from 'vitest'
import { parseLoopbackCounters } from './parse-network-counters.ts'

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0: 99999     999    0    0    0     0          0         0   888888    8888    0    0    0     0       0          0
    lo: 1234567     890    0    0    0     0          0         0  1234567     890    0    0    0     0       0          0
`

describe('parseLoopbackCounters', () => {
  it('reads the line of loopback', () => expect(parseLoopbackCounters(DEV)).toEqual({ bytes: 1_234_567, packets: 890 }))
  it('reads a counter that fills its column', () =>
    expect(parseLoopbackCounters('lo:98765432101234 567890 0')).toEqual({ bytes: 98_765_432_101_234, packets: 567_890 }))
  it('is null without one', () => expect(parseLoopbackCounters('en0: 1 2')).toBeNull())
})
