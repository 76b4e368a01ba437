import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatByteLimit, formatBytes, formatMemory, parseByteSize } from './byte-size.ts'

describe('parseByteSize', () => {
  it.each([
    ['48GB', 48e9],
    ['1.5 gb', 1.5e9],
    ['512MiB', 512 * 2 ** 20],
    ['64gib', 64 * 2 ** 30],
    ['100 B', 100],
    ['2kb', 2000],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes))

  it.each(['', '48', 'GB', '-1GB', '0GB', '1e9B', '1 XB', '1GB 2', 'NaNGB'])('refuses %j', (text) => expect(parseByteSize(text)).toBeNull())

  it('never throws and never gives anything but a positive integer or null', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bytes = parseByteSize(text)
        return bytes === null || (Number.isSafeInteger(bytes) && bytes > 0)
      }),
    )
  })
})

describe('B20: formatByteLimit', () => {
  it.each(['48 GiB', '48 GB', '512 MiB', '1500 MB'])('gives %s back as it was written', (text) =>
    expect(formatByteLimit(parseByteSize(text) ?? 0)).toBe(text),
  )
  it('rounds what is whole in no unit', () => expect(formatByteLimit(51_539_607_553)).toBe('48.0 GiB'))
})

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [541e6, '541 MB'],
    [1.5e9, '1.5 GB'],
  ])('writes %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})

describe('formatMemory', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [24 * 2 ** 30, '24.0 GiB'],
    [512 * 2 ** 30, '512 GiB'],
    [1.5 * 2 ** 40, '1.5 TiB'],
  ])('writes %d', (bytes, text) => expect(formatMemory(bytes)).toBe(text))
})
