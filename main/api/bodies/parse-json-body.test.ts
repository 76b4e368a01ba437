import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonBody } from './parse-json-body.ts'

const parse = (text: string): unknown => parseJsonBody(Buffer.from(text))

/** A key `__proto__` is refused; see findJsonExcess. */
const anyJson = fc.json().filter((json) => !json.includes('__proto__'))

describe('parseJsonBody', () => {
  it('parses as JSON.parse does', () => {
    fc.assert(fc.property(anyJson, (text) => void expect(parse(text)).toEqual(JSON.parse(text))))
  })

  it('keeps the digits of a big seed, wherever it stands, and of nothing else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 16n, max: 2n ** 64n }), fc.constantFrom('', '-'), anyJson, (seed, sign, other) => {
        const text = `{"other": ${other}, "options": {"seed" : ${sign}${seed}}, "text": ${JSON.stringify(`"seed": ${seed}`)}}`
        expect(parse(text)).toEqual({ other: JSON.parse(other), options: { seed: `${sign}${seed}` }, text: `"seed": ${seed}` })
      }),
    )
  })

  it.each([0, 1, -1])('leaves a seed a number as long as it is exact: 2^53 - 1 and its neighbours', (offset) => {
    const seed = 2n ** 53n - 2n + BigInt(offset)
    expect(parse(`{"seed": ${seed}, "of": {"seed": -${seed}}}`)).toEqual({ seed: Number(seed), of: { seed: -Number(seed) } })
  })

  it.each(['{', 'nothing', '{"a": NaN}', "{'a': 1}"])('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400, code: 'invalid_json' }))
  })

  it('gives undefined for an empty body', () => expect(parse('')).toBeUndefined())
})
