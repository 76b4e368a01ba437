import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DatagramSeal, linkTagOf, SEAL_SECRET_BYTES } from './datagram-seal.ts'

function pair(): { dialer: DatagramSeal; acceptor: DatagramSeal } {
  const secret = randomBytes(SEAL_SECRET_BYTES)
  return { dialer: new DatagramSeal(secret, true), acceptor: new DatagramSeal(secret, false) }
}

describe('DatagramSeal', () => {
  it('opens what the other end sealed, once, and tells the newest from those it overtook', () => {
    const { dialer, acceptor } = pair()
    const [first, second] = [dialer.seal(Buffer.from('1')), dialer.seal(Buffer.from('2'))]
    expect(linkTagOf(first)).toBe(acceptor.linkTag)
    expect(acceptor.open(second)).toEqual({ payload: Buffer.from('2'), isNewest: true, missed: 1 })
    expect(acceptor.open(first)).toEqual({ payload: Buffer.from('1'), isNewest: false, missed: 0 })
    expect([acceptor.open(first), acceptor.open(second)]).toEqual([null, null])
  })

  it('does not open its own datagrams, sent back', () => {
    const { dialer } = pair()
    expect(dialer.open(dialer.seal(Buffer.from('x')))).toBeNull()
  })

  it('opens nothing that was changed, and is not confused by it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (payload, position, flip) => {
        const { dialer, acceptor } = pair()
        const sealed = dialer.seal(payload)
        const changed = Buffer.from(sealed)
        // The first eight bytes select the link: if they change, the datagram goes to another seal.
        const index = 8 + (position % (changed.length - 8))
        changed[index] = changed[index]! ^ flip
        return acceptor.open(changed) === null && acceptor.open(sealed) !== null
      }),
    )
  })

  it('opens each of any permutation once, if not more than 64 late', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          Array.from({ length: 60 }, (_, index) => index),
          { minLength: 60 },
        ),
        (order) => {
          const { dialer, acceptor } = pair()
          const sealed = order.map(() => dialer.seal(Buffer.from('x')))
          const first = order.filter((index) => acceptor.open(sealed[index]!) !== null).length
          const again = order.filter((index) => acceptor.open(sealed[index]!) !== null).length
          return first === 60 && again === 0
        },
      ),
    )
  })

  it('takes nothing that is later than the window', () => {
    const { dialer, acceptor } = pair()
    const sealed = Array.from({ length: 66 }, () => dialer.seal(Buffer.from('x')))
    acceptor.open(sealed[65]!)
    expect([acceptor.open(sealed[1]!), acceptor.open(sealed[2]!)?.isNewest]).toEqual([null, false])
  })

  it('knows what is too short', () => expect(linkTagOf(Buffer.alloc(31))).toBeNull())
})
