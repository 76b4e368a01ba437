import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonExcess } from './find-json-excess.ts'

const excess = (text: string): string | null => findJsonExcess(Buffer.from(text))

describe('findJsonExcess', () => {
  it('lets JSON of clients through', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 20 }), (text) => text.includes('__proto__') || excess(text) === null))
    expect(excess(JSON.stringify({ prompt: Array.from({ length: 1_000_000 }, (_, index) => index) }))).toBeNull()
    expect(excess(JSON.stringify({ text: '{"__proto__":'.repeat(1000), more: '\\' }))).toBeNull()
  })

  it.each<[name: string, json: string, finding: RegExp]>([
    ['arrays in one another', '['.repeat(129), /128 nested levels/],
    ['objects in one another', '{"a":'.repeat(20_000), /128 nested levels/],
    ['many objects', `[${'[{}],'.repeat(60_000)}0]`, /65536 objects/],
    ['texts in an array', `[${'"",'.repeat(70_000)}0]`, /array of more than 65536/],
    ['truth in an array', `[${'true,'.repeat(70_000)}0]`, /array of more than 65536/],
    ['many texts', `[${`[${'"",'.repeat(60_000)}0],`.repeat(5)}0]`, /262144 strings/],
    ['many numbers', `[${'1,'.repeat(2_100_000)}0]`, /1048576 numbers/],
    ['many keys', `{${Array.from({ length: 17_000 }, (_, index) => `"x${index}":1`).join(',')}}`, /16384 keys/],
    ['a prototype', '{"a":{"__proto__":{"b":1}}}', /__proto__/],
    ['a prototype, escaped', String.raw`{"a":{"__\u0070roto_\u005f" : {"b":1}}}`, /__proto__/],
  ])('C5: finds %s', (_, json, finding) => expect(excess(json)).toMatch(finding))

  it('never throws, for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void findJsonExcess(Buffer.from(bytes))))
  })
})
