import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { type ClusterSecret, lineageOf, mergeSecrets } from './cluster-secret.ts'

const ids = ['a', 'b', 'c', 'd'].map((id) => NodeId.parse(id))
const secret = (keyId: string, removed: readonly NodeId[] = [], lineage = 'one'): ClusterSecret => ({
  lineage,
  secret: keyId.padEnd(64, '0'),
  keyId,
  removed,
})

describe('mergeSecrets', () => {
  it.each([
    ['the same', secret('k1'), secret('k1'), 'same'],
    ['one that puts out more', secret('k1'), secret('k2', [ids[0]!]), 'adopt'],
    ['the one before a removal', secret('k2', [ids[0]!]), secret('k1'), 'keep'],
    ['another removal at the same time', secret('k1', [ids[0]!]), secret('k2', [ids[1]!]), 'renew'],
    ['the same removal made twice, of the smaller id', secret('k2', [ids[0]!]), secret('k1', [ids[0]!]), 'adopt'],
    ['another cluster', secret('k1'), secret('k0', [ids[0]!], 'two'), 'keep'],
  ])('%s', (_, own, offered, merge) => {
    expect(mergeSecrets(own, offered)).toBe(merge)
  })

  it('never goes back to a secret that somebody who was put out may know', () => {
    fc.assert(
      fc.property(fc.subarray(ids), fc.subarray(ids), fc.string(), fc.string(), (ownRemoved, offeredRemoved, ownKey, offeredKey) => {
        const merge = mergeSecrets(secret(ownKey, ownRemoved), secret(offeredKey, offeredRemoved))
        if (merge === 'adopt') expect(ownRemoved.every((id) => offeredRemoved.includes(id))).toBe(true)
      }),
    )
  })

  it('lets members who meet in any order agree on one secret', () => {
    fc.assert(
      fc.property(
        fc.array(fc.subarray(ids), { minLength: 2, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 20 }),
        (removals, meetings) => {
          let made = removals.length
          const held = removals.map((removed, index) => secret(`k${index}`, removed))
          const meet = (one: number, other: number): void => {
            const [own, offered] = [held[one]!, held[other]!]
            const merge = mergeSecrets(own, offered)
            if (merge === 'adopt') held[one] = offered
            if (merge === 'keep') held[other] = own
            if (merge === 'renew') held[one] = held[other] = secret(`k${made++}`, [...new Set([...own.removed, ...offered.removed])])
          }
          for (const [one, other] of meetings) meet(one % held.length, other % held.length)
          for (let round = 0; round < 8; round += 1)
            for (let one = 0; one < held.length; one += 1) for (let other = 0; other < one; other += 1) meet(one, other)
          expect(new Set(held.map(({ keyId }) => keyId)).size).toBe(1)
        },
      ),
    )
  })
})

describe('lineageOf', () => {
  it('orders clusters by age, and is 32 hexadecimal digits', () => {
    const random = 'f'.repeat(20)
    expect(lineageOf(1_700_000_000_000, random) < lineageOf(1_700_000_000_001, '0'.repeat(20))).toBe(true)
    expect(lineageOf(0, random)).toMatch(/^[0-9a-f]{32}$/)
  })
})
