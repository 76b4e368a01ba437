import { describe, expect, it } from 'vitest'
import { z, ZodError } from 'zod'
import { parseSaid, parseTolerantly } from './parse-tolerantly.ts'
import { PeerMessage } from './peer-message.ts'

const node = 'a'.repeat(32)
const Nested = z.strictObject({
  list: z.array(z.strictObject({ a: z.int(), inner: z.strictObject({ b: z.string() }).optional() })),
  by: z.record(z.string().regex(/^k/), z.strictObject({ c: z.boolean() })),
})

describe('D3: parseTolerantly', () => {
  it('leaves out what a newer version says, however deep, and changes nothing of what it was given', () => {
    const said = {
      list: [
        { a: 1, newer: { deep: [] } },
        { a: 2, inner: { b: 'x', newest: 1 } },
      ],
      by: { k1: { c: true, d: 1 } },
      extra: [],
    }
    const before = structuredClone(said)
    expect(parseSaid(Nested, said)).toEqual({ list: [{ a: 1 }, { a: 2, inner: { b: 'x' } }], by: { k1: { c: true } } })
    expect(said).toEqual(before)
    const election = {
      type: 'election',
      claim: { leaderId: node, term: 5, beat: 1, followers: 0, ageTicks: 0, mood: 'good' },
      rival: null,
      hops: 0,
      round: 0,
      isAsking: false,
      since: 4,
    }
    expect(PeerMessage.parse(parseSaid(PeerMessage, election))).toMatchObject({ type: 'election', claim: { term: 5 } })
  })

  it.each([{ list: [{ a: 'one', newer: 1 }], by: {} }, { list: [], by: { wrong: { c: true } } }, { by: {}, newer: 1 }, null, []])(
    'does not excuse what is wrong: %j',
    (said) => {
      expect(parseTolerantly(Nested, said).success).toBe(false)
      expect(() => parseSaid(Nested, said)).toThrow(ZodError)
    },
  )
})
