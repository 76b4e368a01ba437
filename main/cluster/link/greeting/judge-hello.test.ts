import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import { judgeConnection } from './judge-hello.ts'

const [small, large] = [NodeId.parse('a'), NodeId.parse('b')]

describe('judgeConnection', () => {
  it.each([
    ['nothing else', small, { link: null, hasDial: false }, 'accept'],
    ['a crossing dial that wins', small, { link: null, hasDial: true }, 'refuse-duplicate'],
    ['a crossing dial that loses', large, { link: null, hasDial: true }, 'replace-dial'],
    ['a link that the peer has lost', small, { link: { isOurDial: true, ageMs: 20_000 }, hasDial: false }, 'replace-link'],
    ['a young link that the peer had dialled', small, { link: { isOurDial: false, ageMs: 10 }, hasDial: false }, 'replace-link'],
    ['the answer to our own dial just taken', small, { link: { isOurDial: true, ageMs: 10 }, hasDial: false }, 'refuse-duplicate'],
    ['our own dial just taken, of the larger id', large, { link: { isOurDial: true, ageMs: 10 }, hasDial: false }, 'replace-link'],
  ])('with %s', (_name, selfId, known, verdict) => {
    expect(judgeConnection(selfId, selfId === small ? large : small, known)).toBe(verdict)
  })

  /**
   * Two nodes dial each other. A dial proves its peer's identity, sends a hello, and gets an answer; the acceptor
   * judges when the hello arrives. With a key chosen by people, shares are exchanged first, and the dialer's proof is
   * judged. In any order, one connection is left, and both ends agree on which.
   */
  it.each([
    ['a secret', 3],
    ['a key that people chose', 4],
  ])('leaves two nodes that dial each other at once with one and the same link, by %s', (_, steps) => {
    interface Dial {
      next: 'share' | 'hello' | 'judge' | 'answer' | null
      verdict: 'accepted' | 'refused' | null
    }
    const all = [0, 1].flatMap((dialler) => Array.from({ length: steps }, () => dialler))
    const order = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    fc.assert(
      fc.property(order, (turns) => {
        const ids = [small, large] as const
        /** By dialler: the progress of its dial. */
        const dials = ids.map((): Dial => ({ next: steps === 4 ? 'share' : 'hello', verdict: null }))
        /** By node: who dialled the link that it has. */
        const links: (number | null)[] = [null, null]
        for (const dialler of turns) {
          const acceptor = 1 - dialler
          const dial = dials[dialler]!
          if (dial.next === 'share') {
            dial.next = 'hello'
          } else if (dial.next === 'hello') {
            dial.next = links[dialler] === null ? 'judge' : null
          } else if (dial.next === 'judge') {
            const own = dials[acceptor]!
            const link = links[acceptor]
            const known = {
              link: link === null ? null : { isOurDial: link === acceptor, ageMs: 1 },
              hasDial: own.next === 'judge' || own.next === 'answer' || (steps === 4 && own.next === 'hello'),
            }
            const verdict = judgeConnection(ids[acceptor]!, ids[dialler]!, known)
            dial.verdict = verdict === 'refuse-duplicate' ? 'refused' : 'accepted'
            if (verdict === 'replace-dial') own.next = null
            if (verdict === 'replace-link' && link !== null) {
              // The other node notices the end of the old link as well.
              if (links[1 - acceptor] === link) links[1 - acceptor] = null
            }
            if (dial.verdict === 'accepted') links[acceptor] = dialler
            dial.next = 'answer'
          } else if (dial.next === 'answer') {
            if (dial.verdict === 'accepted') links[dialler] = dialler
            dial.next = null
          }
        }
        return links[0] !== null && links[0] === links[1]
      }),
      { numRuns: 500 },
    )
  })
})
