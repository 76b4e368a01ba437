import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonBody } from './parse-json-body.ts'

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text))

describe('parseJsonBody', () => {
  it('parses as JSON.parse does', () => {
    fc.assert(fc.property(fc.json(), (text) => void expect(parse(text)).toEqual(JSON.parse(text))))
  })

  it('keeps the digits of a big seed, wherever it stands, and of nothing else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 16n, max: 2n ** 64n }), fc.constantFrom('', '-'), fc.json(), (seed, sign, other) => {
        const text = `{"other": ${other}, "options": {"seed" : ${sign}${seed}}, "text": ${JSON.stringify(`"seed": ${seed}`)}}`
        expect(parse(text)).toEqual({ other: JSON.parse(other), options: { seed: `${sign}${seed}` }, text: `"seed": ${seed}` })
      }),
    )
  })

  it.each(['{', 'nothing', '{"a": NaN}', "{'a': 1}"])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_json' }))
  })

  it('gives undefined for an empty body', () => expect(parse('')).toBeUndefined())
})
