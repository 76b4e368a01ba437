import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseCluster, ownClusterName } from './choose-cluster.ts'

const nothingAsked = { clusterName: null, clusterKey: null, isOpen: false, startsAlone: false }
const kept = { cluster: { name: 'desk', key: 'secret' } }
const own = { clusterName: 'mine', clusterKey: null, isOpen: false }
const nothingKept = { cluster: null }

describe('chooseCluster', () => {
  it.each([
    [
      'what is asked for goes first, with its own key',
      { ...nothingAsked, clusterName: 'lab' },
      kept,
      { clusterName: 'lab', clusterKey: null, isOpen: false },
    ],
    [
      'a key alone is of the default cluster',
      { ...nothingAsked, clusterKey: 'k' },
      kept,
      { clusterName: 'default', clusterKey: 'k', isOpen: false },
    ],
    ['then what was chosen', nothingAsked, kept, { clusterName: 'desk', clusterKey: 'secret', isOpen: false }],
    ['then, headless, the one that all begin in', nothingAsked, nothingKept, { clusterName: 'default', clusterKey: null, isOpen: false }],
    [
      'A2: which is closed unless it is said to be open',
      { ...nothingAsked, isOpen: true },
      nothingKept,
      { clusterName: 'default', clusterKey: null, isOpen: true },
    ],
    [
      'a key closes it',
      { ...nothingAsked, clusterKey: 'k', isOpen: true },
      nothingKept,
      { clusterName: 'default', clusterKey: 'k', isOpen: false },
    ],
    ['A3: one of its own is never open', { ...nothingAsked, isOpen: true, startsAlone: true }, nothingKept, own],
    ['or, as the app, one of its own', { ...nothingAsked, startsAlone: true }, nothingKept, own],
    ['A3: which is never open, also where settings of before say so', nothingAsked, { cluster: { name: 'mine', key: null } }, own],
    ['nor where the command line names it', { ...nothingAsked, clusterName: 'mine' }, nothingKept, own],
  ])('%s', (_, asked, settings, choice) => {
    expect(chooseCluster(asked, settings, own.clusterName)).toEqual(choice)
  })
})

describe('ownClusterName', () => {
  it('differs for machines of one name', () => {
    expect(ownClusterName('Mac Studio', 'abcdef')).toBe('Mac Studio (abcd)')
    expect(ownClusterName('Mac Studio', 'bcdefa')).not.toBe(ownClusterName('Mac Studio', 'abcdef'))
  })
  it('is a valid cluster name, for any machine name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (name) => {
        const own = ownClusterName(name, 'abcdef')
        expect(own.length).toBeGreaterThan(0)
        expect(own.length).toBeLessThanOrEqual(64)
      }),
    )
  })
})
