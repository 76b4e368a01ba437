import { wrapWords } from './spec-names.ts'
import type { SpecField, SpecScalar, SpecStruct, SpecType } from './spec-type.ts'

const DOC_WIDTH = 120
/** The formatter breaks longer lines. */
const LINE_WIDTH = 140

const SCALARS: Readonly<Record<SpecScalar, string>> = {
  text: 'string',
  integer: 'number',
  large: 'number',
  real: 'number',
  flag: 'boolean',
  floats: 'Float32Array',
  range: 'LayerRange',
}

function docLines(doc: string | null, indent: string): string[] {
  if (doc === null) return []
  const lines = wrapWords(doc, DOC_WIDTH)
  if (lines.length === 1) return [`${indent}/** ${doc} */`]
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`]
}

function fieldType({ type, count }: SpecField): string {
  const name = typeof type === 'string' ? SCALARS[type] : type.kind === 'enum' ? type.name : type.plan
  if (count === 'one') return name
  return count === 'optional' ? `${name} | null` : `readonly ${name}[]`
}

function structLines({ plan, doc, fields }: SpecStruct): string[] {
  return [
    ...docLines(doc, ''),
    `export interface ${plan} {`,
    ...Object.entries(fields).flatMap(([name, field]) => [...docLines(field.doc, '  '), `  readonly ${name}: ${fieldType(field)}`]),
    '}',
  ]
}

function typeLines(type: SpecType): string[] {
  if (type.kind === 'struct') return type.importedFrom === null ? structLines(type) : []
  const values = Object.keys(type.values).map((value) => `'${value}'`)
  const line = `export type ${type.name} = ${values.join(' | ')}`
  const lines = line.length <= LINE_WIDTH ? [line] : [`export type ${type.name} =`, ...values.map((value) => `  | ${value}`)]
  return [...docLines(type.doc, ''), ...lines]
}

/** Formats native/plan/decoder-plan.ts, the model as the facade passes it to the engine. */
export function formatPlan(types: readonly SpecType[], head: string): string {
  const imports = types.flatMap((type) =>
    type.kind === 'struct' && type.importedFrom !== null ? [`import type { ${type.plan} } from '${type.importedFrom}'`] : [],
  )
  const blocks = types.map((type) => typeLines(type).join('\n')).filter((block) => block !== '')
  return `${[...imports, '', head, '', blocks.join('\n\n')].join('\n')}\n`
}
