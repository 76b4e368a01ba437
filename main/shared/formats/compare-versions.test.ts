import { expect, it } from 'vitest'
import { compareVersions } from './compare-versions.ts'

it('orders versions as Semantic Versioning does', () => {
  const ordered = [
    '0.9.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.10',
    '1.2.0',
    '10.0.0',
  ]
  for (const [at, left] of ordered.entries())
    for (const [other, right] of ordered.entries())
      expect(Math.sign(compareVersions(left, right) ?? Number.NaN)).toBe(Math.sign(at - other))
  expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0)
})

it.each(['', '1.0', 'v1.0.0', '1.0.0-', '1.0.0\n2'])('says of %j that it is not a version', (text) => {
  expect(compareVersions(text, '1.0.0')).toBeNull()
})
