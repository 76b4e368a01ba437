import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DatagramChannel } from './datagram-channel.ts'
import { DatagramSeal, SEAL_SECRET_BYTES } from './datagram-seal.ts'
import type { DatagramListener } from './datagram-socket.ts'

/** Two channels over a network that delivers on demand, with a clock that the test sets. */
function createPair() {
  const secret = randomBytes(SEAL_SECRET_BYTES)
  const clocks = { dialer: 1000, acceptor: 500_000 }
  const listeners: Partial<Record<'dialer' | 'acceptor', DatagramListener>> = {}
  const sent: { to: 'dialer' | 'acceptor'; datagram: Buffer }[] = []
  const events: string[] = []
  const open = (name: 'dialer' | 'acceptor', other: 'dialer' | 'acceptor'): DatagramChannel =>
    new DatagramChannel({
      seal: new DatagramSeal(secret, name === 'dialer'),
      socket: {
        send: (datagram) => void sent.push({ to: other, datagram }),
        listen: (_linkTag, listener) => void (listeners[name] = listener),
        forget: () => void delete listeners[name],
        close: () => Promise.resolve(),
      },
      peer: { host: `${other} host`, port: 1 },
      now: () => clocks[name],
      onHeard: () => {},
      onMoved: () => void events.push(`${other} moved`),
      onMissed: () => undefined,
      onRoundTrip: (durationMs) => void events.push(`${name}: ${durationMs} ms`),
      onMessage: (text) => void events.push(`${name} got ${text}`),
    })
  const channels = { dialer: open('dialer', 'acceptor'), acceptor: open('acceptor', 'dialer') }
  const deliver = (dialerHost = 'dialer host'): void => {
    for (const { to, datagram } of sent.splice(0))
      listeners[to]?.(datagram, { host: to === 'acceptor' ? dialerHost : 'acceptor host', port: 1 })
  }
  const wait = (durationMs: number): void => {
    clocks.dialer += durationMs
    clocks.acceptor += durationMs
  }
  return { ...channels, deliver, wait, events, sent }
}

describe('DatagramChannel', () => {
  it('measures the round trip without what the peer held, and is open after the first echo', () => {
    const { dialer, acceptor, deliver, wait, events } = createPair()
    dialer.beat()
    wait(20)
    deliver()
    expect([dialer.isOpen(), dialer.send('early')]).toEqual([false, false])
    wait(200)
    acceptor.beat()
    wait(30)
    deliver()
    expect([events, dialer.isOpen(), acceptor.isOpen()]).toEqual([['dialer: 50 ms'], true, false])
    expect(dialer.send('hello')).toBe(true)
    deliver()
    expect(events).toContain('acceptor got hello')
    wait(3000)
    expect(dialer.isOpen()).toBe(false)
  })

  it('beats seldom once nothing is lost either way, and often again as soon as something is', () => {
    const { dialer, acceptor, deliver, wait, sent } = createPair()
    /** `lost` is the side whose datagrams are lost during this time. */
    const run = (durationMs: number, lost: 'dialer' | 'acceptor' | null): void => {
      for (let passedMs = 0; passedMs < durationMs; passedMs += 250) {
        for (const channel of [dialer, acceptor]) channel.beat()
        const arriving = sent.splice(0).filter(({ to }) => to !== lost)
        sent.push(...arriving)
        deliver()
        wait(250)
      }
    }
    const paces = (): number[] => [dialer.beatEachMs(), acceptor.beatEachMs()]
    run(1000, null)
    expect(paces()).toEqual([250, 250])
    run(16_000, null)
    expect(paces()).toEqual([1000, 1000])
    run(250, 'acceptor')
    run(500, null)
    // The acceptor noticed the gap and informs the dialer.
    expect(paces()).toEqual([250, 250])
    run(16_000, null)
    run(1750, 'dialer')
    expect(dialer.beatEachMs()).toBe(250)
  })

  it('tells when the peer has moved, once, and answers to its new address', () => {
    const { dialer, deliver, events } = createPair()
    for (const host of ['dialer host', 'dialer host%eth0', 'new host', 'new host']) {
      dialer.beat()
      deliver(host)
    }
    expect(events).toEqual(['dialer moved'])
  })

  it('leaves long messages to the link, and is silent after its end', () => {
    const { dialer, acceptor, deliver, events } = createPair()
    dialer.beat()
    deliver()
    acceptor.beat()
    deliver()
    expect(dialer.send('x'.repeat(1201))).toBe(false)
    dialer.send('late')
    acceptor.close()
    deliver()
    expect(events).toEqual(['dialer: 0 ms'])
  })
})
