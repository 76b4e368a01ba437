import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { hasFormat } from './text-formats.ts'

const ajv = new Ajv.default()
addFormats.default(ajv)

describe('hasFormat', () => {
  it.each<[string, readonly string[]]>([
    ['date', ['2024-02-29', '2023-02-29', '1900-02-29', '2000-02-29', '2024-13-01', '2024-00-10', '2024-1-1', '2024-04-31', '']],
    ['time', ['12:00:00Z', '12:00:00', '23:59:60Z', '12:00:60Z', '24:00:00Z', '12:00:00.5+02:00', '12:00:00+25:00', '22:59:60-01:00']],
    ['date-time', ['2024-02-29T12:00:00Z', '2024-02-29', '2024-02-29T12:00:00', '2024-02-29t12:00:00z', '2024-02-30T12:00:00Z']],
    ['duration', ['P1D', 'PT5M', 'P1Y2M3DT4H5M6S', 'P', 'PT', 'P2W', 'P1DT', 'P1W2D']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000', '123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g']],
    ['email', ['a@b.co', 'a@b', 'a.b@c.d.e', '.a@b.co', 'a b@c.co', 'a@-b.co', '@b.co']],
    ['ipv4', ['1.2.3.4', '256.1.1.1', '1.2.3', '01.2.3.4', '1.2.3.4.5', '1.2.3.4.']],
    ['ipv6', ['::', '::1', '1:2:3:4:5:6:7:8', '1::8', '1:2:3:4:5:6:7', ':::', '1::2::3', '::ffff:1.2.3.4', '12345::', 'g::']],
    ['hostname', ['a.example', 'a..b', '-a.b', 'a-b.c', 'a_b.c']],
    ['uri', ['https://a.example/b?c=d#e', 'urn:a:b', 'a/b', 'http://a b', 'http://a/%zz', 'mailto:a@b.co', '']],
  ])('agrees with ajv on what is a %s', (format, texts) => {
    const validate = ajv.compile({ type: 'string', format })
    expect(texts.map((text) => [text, hasFormat(text, format)])).toEqual(texts.map((text) => [text, validate(text)]))
  })

  it('takes any text for a format that it does not know', () => expect(hasFormat('x', 'color')).toBe(true))
})
