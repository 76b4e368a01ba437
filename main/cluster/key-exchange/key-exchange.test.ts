import { createHash, createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { multiplyVerified, scalarOf, calculateGenerator } from './cpace.ts'
import { KeyExchange, type KeyExchangeInputs } from './key-exchange.ts'
import { lengthValue } from './length-value.ts'

const [dialerId, acceptorId] = [NodeId.parse('d'.repeat(32)), NodeId.parse('a'.repeat(32))]
const channelBinding = Buffer.alloc(32, 7)
const keyOf = (text: string): Buffer => createHash('sha256').update(text).digest()

function inputsOf(role: 'dialer' | 'acceptor', key: string, overrides: Partial<KeyExchangeInputs> = {}): KeyExchangeInputs {
  const [selfId, peerId] = role === 'dialer' ? [dialerId, acceptorId] : [acceptorId, dialerId]
  return { derivedKey: keyOf(key), clusterName: 'home', purpose: 'link', role, selfId, peerId, channelBinding, ...overrides }
}
const open = (...asked: Parameters<typeof inputsOf>): KeyExchange => new KeyExchange(inputsOf(...asked), randomBytes(32))

/** Whether each side believes the other. */
function run(dialer: KeyExchange, acceptor: KeyExchange): [boolean, boolean] {
  if (!dialer.meet(acceptor.share) || !acceptor.meet(dialer.share)) return [false, false]
  return [dialer.isProven(acceptor.prove()), acceptor.isProven(dialer.prove())]
}

describe('a key exchange', () => {
  it('convinces both sides where they hold the same key, and neither where they do not', () => {
    const key = fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme' })
    fc.assert(
      fc.property(key, key, (one, two) => {
        expect(run(open('dialer', one), open('acceptor', one))).toEqual([true, true])
        expect(run(open('dialer', one), open('acceptor', two))).toEqual([one === two, one === two])
      }),
      { numRuns: 20 },
    )
  })

  it.each<[string, Partial<KeyExchangeInputs>]>([
    ['TLS session', { channelBinding: Buffer.alloc(32, 8) }],
    ['cluster', { clusterName: 'hom' }],
    ['purpose', { purpose: 'join' }],
    ['machine here', { selfId: NodeId.parse('m'.repeat(32)) }],
    ['machine there', { peerId: NodeId.parse('m'.repeat(32)) }],
  ])('is worth nothing for another %s', (_, overrides) => {
    expect(run(open('dialer', 'one key for all'), open('acceptor', 'one key for all', overrides))).toEqual([false, false])
    expect(run(open('dialer', 'one key for all', overrides), open('acceptor', 'one key for all'))).toEqual([false, false])
  })

  it('takes nothing back that it has said itself, no neutral element, and no second share', () => {
    const exchange = open('dialer', 'one key for all')
    for (const share of [exchange.share, '0'.repeat(64), 'f'.repeat(64)]) expect(exchange.meet(share)).toBe(false)
    expect(exchange.meet(open('acceptor', 'one key for all').share)).toBe(true)
    expect(exchange.isProven(exchange.prove())).toBe(false)
    expect(exchange.meet(open('acceptor', 'one key for all').share)).toBe(false)
  })

  it('never says the same twice', () => {
    const shares = Array.from({ length: 20 }, () => open('dialer', 'one key for all').share)
    expect(new Set(shares).size).toBe(shares.length)
  })
})

/**
 * A fake acceptor takes part with a guess and its own scalar, records the dialer's messages, and then tries every word
 * of a dictionary that includes the right key, with everything that it knows.
 */
describe('B2: what a fake acceptor takes home', () => {
  const dictionary = ['hunter2hunter2', 'the right key of home', 'a third word', 'and one more']
  const rightKey = dictionary[1]!

  function takeHome(guess: string): (word: string) => boolean {
    const scalarBytes = randomBytes(32)
    const fake = new KeyExchange(inputsOf('acceptor', guess), scalarBytes)
    const victim = open('dialer', rightKey)
    victim.meet(fake.share)
    const proof = victim.prove()
    const victimShare = Buffer.from(victim.share, 'hex')
    return (word) => {
      const channel = lengthValue(...['exo cluster key link', 'home', dialerId, acceptorId].map((text) => Buffer.from(text)))
      const generator = calculateGenerator({ secret: keyOf(word), channel, sessionId: channelBinding })
      // Everything that it can compute from its scalar, its share and the dialer's, and the word's generator.
      const commons = [
        multiplyVerified(scalarOf(scalarBytes), victimShare),
        generator.multiply(scalarOf(scalarBytes)).toBytes(),
        generator.toBytes(),
        victimShare,
        keyOf(word),
      ]
      const shares = [Buffer.from(fake.share, 'hex'), generator.multiply(scalarOf(scalarBytes)).toBytes()]
      return commons.some((common) =>
        shares.some((share) => {
          const transcript = Buffer.concat([lengthValue(victimShare, Buffer.from('dialer')), lengthValue(share, Buffer.from('acceptor'))])
          const secret = createHash('sha512')
            .update(lengthValue(Buffer.from('CPaceRistretto255_ISK'), channelBinding, common!))
            .update(transcript)
            .digest()
          const proofKey = createHash('sha512').update('CPaceMac').update(channelBinding).update(secret).digest()
          return (
            createHmac('sha256', proofKey)
              .update(lengthValue(victimShare, Buffer.from('dialer')))
              .digest('hex') === proof
          )
        }),
      )
    }
  }

  it('fits no word, the right one neither, after a wrong guess', () => {
    for (const guess of dictionary.filter((word) => word !== rightKey)) {
      const fits = takeHome(guess)
      expect(dictionary.filter(fits)).toEqual([])
    }
  })

  it('is the answer to its one guess: it fits after the right one, so the check above looks at the right things', () => {
    expect(takeHome(rightKey)(rightKey)).toBe(true)
  })
})
