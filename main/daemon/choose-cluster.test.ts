import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseCluster, ownClusterName } from './choose-cluster.ts'

const nothingAsked = { clusterName: null, clusterKey: null, startsAlone: false }
const kept = { cluster: { name: 'desk', key: 'secret' } }
const own = { clusterName: 'mine', clusterKey: 'f'.repeat(64) }
const nothingKept = { cluster: null }

describe('chooseCluster', () => {
  it.each([
    ['what is asked for goes first, with its own key', { ...nothingAsked, clusterName: 'lab' }, kept, { clusterName: 'lab', clusterKey: null }],
    ['a key alone is of the default cluster', { ...nothingAsked, clusterKey: 'k' }, kept, { clusterName: 'default', clusterKey: 'k' }],
    ['then what was chosen', nothingAsked, kept, { clusterName: 'desk', clusterKey: 'secret' }],
    ['then, headless, the one that all begin in', nothingAsked, nothingKept, { clusterName: 'default', clusterKey: null }],
    ['or, as the app, one of its own', { ...nothingAsked, startsAlone: true }, nothingKept, own],
    ['A3: which is never open, also where settings of before say so', nothingAsked, { cluster: { name: 'mine', key: null } }, own],
    ['nor where the command line names it', { ...nothingAsked, clusterName: 'mine' }, nothingKept, own],
  ])('%s', (_, asked, settings, choice) => {
    expect(chooseCluster(asked, settings, own)).toEqual(choice)
  })
})

describe('ownClusterName', () => {
  it('differs for machines of one name', () => {
    expect(ownClusterName('Mac Studio', 'abcdef')).toBe('Mac Studio (abcd)')
    expect(ownClusterName('Mac Studio', 'bcdefa')).not.toBe(ownClusterName('Mac Studio', 'abcdef'))
  })
  it('is a name that a cluster may have, whatever the machine is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (name) => {
        const own = ownClusterName(name, 'abcdef')
        expect(own.length).toBeGreaterThan(0)
        expect(own.length).toBeLessThanOrEqual(64)
      }),
    )
  })
})
