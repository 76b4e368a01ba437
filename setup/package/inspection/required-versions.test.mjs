import { expect, it } from 'vitest'
import { tooNew } from './required-versions.mjs'

it('finds functions that older systems lack, and only among those that are needed', () => {
  const listed = `Version definition section '.gnu.version_d' contains 2 entries:
  000000: Rev: 1  Flags: none  Index: 2  Cnt: 1  Name: GLIBC_2.99
Version needs section '.gnu.version_r' contains 3 entries:
  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 7
  0x0020:   Name: GLIBC_2.35  Flags: none  Version: 6
  0x0030:   Name: GLIBC_2.38  Flags: none  Version: 5
  0x0040:   Name: GLIBCXX_3.4.30  Flags: none  Version: 4
  0x0050:   Name: GLIBCXX_3.4.32  Flags: none  Version: 3
  0x0060:   Name: GCC_3.0  Flags: none  Version: 2
`
  expect(tooNew(listed)).toEqual(['GLIBC_2.38', 'GLIBCXX_3.4.32'])
  expect(tooNew('No version information found in this file.')).toEqual([])
})
