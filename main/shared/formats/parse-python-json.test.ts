import { describe, expect, it } from 'vitest'
import { parsePythonJson } from './parse-python-json.ts'

describe('C03 JSON as Python writes it', () => {
  it('has numbers that JSON does not have', () => {
    expect(parsePythonJson('{"a": Infinity, "b": [-Infinity, NaN, 1.5], "c": {"d":NaN}}')).toEqual({
      a: Infinity,
      b: [-Infinity, null, 1.5],
      c: { d: null },
    })
  })

  it('leaves texts alone', () => {
    expect(parsePythonJson('{"NaN": "Infinity \\" NaN", "x": NaN}')).toEqual({ NaN: 'Infinity " NaN', x: null })
    expect(parsePythonJson('\uFEFF{"x": "\\uFEFF"}')).toEqual({ x: '\uFEFF' })
  })

  it('is refused where it is none', () => {
    for (const text of ['{"a": Infinit}', '{"a": NaN', 'NaNa', '{"a":', '']) expect(() => parsePythonJson(text)).toThrow(SyntaxError)
  })
})
