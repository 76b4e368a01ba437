import { describe, expect, it } from 'vitest'
import { agreedVersion, LINK_VERSIONS, versionsOf } from './link-versions.ts'

describe('D3: agreedVersion', () => {
  it.each([
    [{ min: 2, max: 3 }, { min: 2, max: 3 }, 3],
    [{ min: 2, max: 3 }, { min: 3, max: 4 }, 3],
    [{ min: 2, max: 3 }, { min: 2, max: 2 }, 2],
    [{ min: 2, max: 3 }, { min: 4, max: 5 }, null],
    [{ min: 3, max: 4 }, { min: 2, max: 2 }, null],
    [{ min: 2, max: 3 }, { min: 9, max: 1 }, null],
  ])('of %j and %j is %j', (one, other, version) =>
    expect([agreedVersion(one, other), agreedVersion(other, one)]).toEqual([version, version]),
  )

  it('serves one version back, and one that names no range', () => {
    expect(LINK_VERSIONS.max - LINK_VERSIONS.min).toBe(1)
    expect(agreedVersion(LINK_VERSIONS, versionsOf({ protocol: LINK_VERSIONS.min }))).toBe(LINK_VERSIONS.min)
  })
})
