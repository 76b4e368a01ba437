import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { misfit } from '../calls/fit-schema.ts'
import { randomNumbers, randomValue } from './__fixtures__/random-value.ts'
import { recursionFault } from './recursion-fault.ts'
import { schemaFault } from './schema-fault.ts'

const VALUES = 150

const files = ['tool-schemas.json', 'answer-schemas.json']
const schemas = files.flatMap((file) =>
  Object.entries(
    JSON.parse(readFileSync(join(import.meta.dirname, '__fixtures__', file), 'utf8')) as Record<string, Record<string, unknown>>,
  ),
)
/** Ajv's own draft is 2020-12; the drafts that these schemas name are only those of their authors' tools. */
const withoutDraft = ({ $schema: _, ...schema }: Record<string, unknown>): Record<string, unknown> => schema
const ajv = new Ajv.default({ strict: false, logger: false, multipleOfPrecision: 9 })
addFormats.default(ajv)
const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'u').test(text)

describe('schemas that people send', () => {
  it.each(schemas)('agrees with ajv on which values fit: %s', (name, schema) => {
    const validate = ajv.compile(withoutDraft(schema))
    const random = randomNumbers(name.length * 7919 + name.charCodeAt(0))
    const values = Array.from({ length: VALUES }, () => randomValue(schema, schema, random))
    const differing = values.filter((value) => validate(value) !== (misfit(value, schema, { matches, checksFormats: true }) === null))
    expect(differing.slice(0, 3).map((value) => [value, misfit(value, schema, { matches, checksFormats: true })])).toEqual([])
  })

  it('are tried with values that fit and values that do not', () => {
    const kinds = schemas.map(([name, schema]) => {
      const validate = ajv.compile(withoutDraft(schema))
      const random = randomNumbers(name.length * 7919 + name.charCodeAt(0))
      return new Set(Array.from({ length: VALUES }, () => validate(randomValue(schema, schema, random)))).size
    })
    // Some accept anything, and some require a text that random values do not hit.
    expect(kinds.filter((count) => count === 2).length).toBeGreaterThan(schemas.length * 0.8)
  })

  it('are served, also with strict', () => {
    const served = (isStrict: boolean): string[] =>
      schemas
        .filter(([, schema]) => schemaFault(schema, { isStrict, patternFault: () => null }) === null && recursionFault(schema) === null)
        .map(([name]) => name)
    process.stdout.write(`figure: of ${schemas.length} schemas of public tools and answers ${served(true).length} are served with strict\n`)
    expect(served(false)).toHaveLength(schemas.length)
    expect(schemas.map(([name]) => name).filter((name) => !served(true).includes(name))).toEqual(['mcp git_commit'])
  })
})
