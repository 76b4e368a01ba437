import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGiver, judgeNewcomer, type Stage, type Standing, type Ties } from './judge-newcomer.ts'

const stranger: Ties = { isMember: false, isRemoved: false, isAsked: false, isOnCable: false, isNeighbour: true, hasFollowedEnough: false }
const started = (keyId: string, part: Partial<Standing> = {}): Standing => ({
  stage: 'solo',
  lineage: keyId,
  keyId,
  isJustStarted: true,
  hasAdmitted: false,
  ...part,
})
const later = (keyId: string, part: Partial<Standing> = {}): Standing => started(keyId, { isJustStarted: false, ...part })

describe('judgeNewcomer', () => {
  it.each<[string, Standing, Standing, Partial<Ties>, string]>([
    ['two just started: one gives', started('1'), started('2'), {}, 'give'],
    ['and the other takes', started('2'), started('1'), {}, 'take'],
    ['a younger one meets two that have just met', started('2'), started('1', { stage: 'forming' }), {}, 'take'],
    ['an older one gives to two that have just met', started('1'), started('2', { stage: 'forming' }), {}, 'give'],
    ['which take', started('2', { stage: 'forming' }), started('1'), {}, 'take'],
    ['not over a router', started('1'), started('2'), { isNeighbour: false }, 'wait'],
    ['one alone for an hour gives nothing by itself', later('1'), started('2'), {}, 'wait'],
    ['and takes nothing', later('2'), started('1'), {}, 'wait'],
    ['whatever a stranger claims to be', later('2'), started('1', { stage: 'settled', hasAdmitted: true }), {}, 'wait'],
    [
      'but from one that it asked at its start, when the person there lets it in',
      later('2'),
      later('1', { stage: 'settled', hasAdmitted: true }),
      { isAsked: true },
      'take',
    ],
    ['not from one that it asked, without such a word', later('2'), later('1', { stage: 'settled' }), { isAsked: true }, 'wait'],
    ['nor over a router', later('2'), later('1', { stage: 'settled', hasAdmitted: true }), { isAsked: true, isNeighbour: false }, 'wait'],
    ['one just started takes nothing from one that answers much later', started('2'), later('1', { stage: 'settled' }), {}, 'wait'],
    ['nor from a cluster that only says to be one', started('2'), later('1', { stage: 'forming' }), {}, 'wait'],
    ['it goes to a cluster whose person lets it in', started('2'), later('1', { stage: 'settled', hasAdmitted: true }), {}, 'take'],
    [
      'and with those who have just come together with it',
      started('2', { stage: 'forming' }),
      later('1', { stage: 'settled', hasAdmitted: true }),
      {},
      'take',
    ],
    ['but not without end', started('2', { stage: 'forming' }), started('1', { stage: 'forming' }), { hasFollowedEnough: true }, 'wait'],
    ['members whose time is over give nothing', later('1', { stage: 'settled' }), started('2'), {}, 'wait'],
    ['until their person says so', later('1', { stage: 'settled', hasAdmitted: true }), started('2'), {}, 'give'],
    ['a settled node never takes', started('2', { stage: 'settled' }), started('1', { stage: 'settled', hasAdmitted: true }), {}, 'wait'],
    [
      'but where its own person says so',
      later('2', { stage: 'settled', hasAdmitted: true }),
      started('1', { stage: 'settled', hasAdmitted: true }),
      {},
      'take',
    ],
    ['a cable is enough to give', later('1', { stage: 'settled' }), later('2'), { isOnCable: true }, 'give'],
    ['and to take', later('2'), later('1', { stage: 'settled' }), { isOnCable: true }, 'take'],
    ['not for one that was put out', started('1', { stage: 'settled' }), started('2'), { isOnCable: true, isRemoved: true }, 'wait'],
    ['nor is a start', started('1', { stage: 'settled' }), started('2'), { isRemoved: true }, 'wait'],
    ['a person can let it in again', later('1', { stage: 'settled', hasAdmitted: true }), started('2'), { isRemoved: true }, 'give'],
    ['a member comes back by itself', later('1', { stage: 'settled' }), later('2'), { isMember: true }, 'give'],
    [
      'one that was put out comes with the old secret: it is not taken',
      later('2', { lineage: 'l' }),
      later('1', { stage: 'settled', lineage: 'l' }),
      { isRemoved: true },
      'wait',
    ],
    [
      'but compared, once a person lets it in again',
      later('2', { lineage: 'l', hasAdmitted: true }),
      later('1', { stage: 'settled', lineage: 'l' }),
      { isRemoved: true },
      'compare',
    ],
    [
      'members of one cluster compare',
      later('1', { stage: 'settled', lineage: 'l' }),
      later('2', { stage: 'settled', lineage: 'l' }),
      { isMember: true },
      'compare',
    ],
  ])('%s', (_, own, other, ties, act) => {
    expect(judgeNewcomer(own, other, { ...stranger, ...ties })).toBe(act)
  })

  const standing = fc.record({
    stage: fc.constantFrom<Stage>('solo', 'forming', 'settled'),
    lineage: fc.string(),
    keyId: fc.string(),
    isJustStarted: fc.boolean(),
    hasAdmitted: fc.boolean(),
  })

  it('names one giver of two', () => {
    fc.assert(
      fc.property(standing, standing, (one, other) => {
        if (one.lineage !== other.lineage) expect(isGiver(one, other)).toBe(!isGiver(other, one))
      }),
    )
  })

  it('A2: takes no secret of a stranger that was neither just started nor lets this one in, nor over a router, nor without end', () => {
    fc.assert(
      fc.property(standing, standing, fc.boolean(), (own, other, isAsked) => {
        const meets = (part: Partial<Standing>, ties: Partial<Ties>): string =>
          judgeNewcomer({ ...own, hasAdmitted: false }, { ...other, ...part }, { ...stranger, isAsked, ...ties })
        expect(meets({ isJustStarted: false, hasAdmitted: false }, {})).not.toBe('take')
        expect(meets({}, { isNeighbour: false })).not.toBe('take')
        expect(meets({}, { hasFollowedEnough: true })).not.toBe('take')
      }),
    )
  })

  it('A2: ignores a stranger if no user has started or admitted anything here', () => {
    fc.assert(
      fc.property(standing, standing, (own, other) => {
        expect(judgeNewcomer({ ...own, isJustStarted: false, hasAdmitted: false }, other, stranger)).toBe('wait')
      }),
    )
  })
})
