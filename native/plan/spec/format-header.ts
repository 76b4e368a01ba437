import { cppTypeName, snakeCase, wrapWords } from './spec-names.ts'
import type { SpecField, SpecScalar, SpecStruct, SpecType } from './spec-type.ts'

const DOC_WIDTH = 120
/** Longer lines are split, as clang-format does. */
const LONGEST_LINE = 140

const SCALARS: Readonly<Record<Exclude<SpecScalar, 'range'>, { readonly type: string; readonly initial: string | null }>> = {
  text: { type: 'std::string', initial: null },
  integer: { type: 'int32_t', initial: '0' },
  large: { type: 'int64_t', initial: '0' },
  real: { type: 'float', initial: '0' },
  flag: { type: 'bool', initial: 'false' },
  floats: { type: 'std::vector<float>', initial: null },
}

function docLines(doc: string | null, indent: string): string[] {
  return doc === null ? [] : wrapWords(doc, DOC_WIDTH).map((line) => `${indent}/// ${line}`)
}

function declaration(type: string, name: string, initial: string | null): string {
  return `  ${type} ${name}${initial === null ? '' : ` = ${initial}`};`
}

function fieldLines(planName: string, { type, count, cppName, initial }: SpecField): string[] {
  const name = cppName ?? snakeCase(planName)
  if (type === 'range') return [declaration('int64_t', `${name}_begin`, '0'), declaration('int64_t', `${name}_end`, '0')]
  const one = typeof type === 'string' ? SCALARS[type].type : cppTypeName(type)
  if (count === 'linear') return [declaration('LinearSource', name, null)]
  if (count !== 'one') return [declaration(`${count === 'list' ? 'std::vector' : 'std::optional'}<${one}>`, name, null)]
  if (typeof type === 'string') return [declaration(one, name, initial ?? SCALARS[type].initial)]
  if (type.kind === 'struct') return [declaration(one, name, null)]
  return [declaration(one, name, `${type.name}::${initial ?? (Object.values(type.values)[0] as string)}`)]
}

function structLines({ spec, doc, fields, methods }: SpecStruct): string[] {
  return [
    ...docLines(doc, ''),
    `struct ${spec} {`,
    ...Object.entries(fields).flatMap(([name, field]) => [...docLines(field.doc, '  '), ...fieldLines(name, field)]),
    ...(methods.length > 0 ? ['', ...methods.map((method) => `  ${method}`)] : []),
    '};',
  ]
}

/** Formats a C++ header that declares the types between the given lines. */
export function formatHeader(
  types: readonly SpecType[],
  around: { readonly head: string; readonly includes: readonly string[]; readonly end: string },
): string {
  const blocks = types.map((type) =>
    type.kind === 'struct'
      ? structLines(type).join('\n')
      : [...docLines(type.doc, ''), enumLines(type.name, Object.values(type.values))].join('\n'),
  )
  return [
    '#pragma once',
    '',
    around.head,
    '',
    ...around.includes,
    '',
    'namespace exo {',
    '',
    blocks.join('\n\n'),
    '',
    ...(around.end === '' ? [] : [around.end, '']),
    '}  // namespace exo',
    '',
  ].join('\n')
}

/** On one line, or with a line for each value if that is too long, as clang-format writes it. */
function enumLines(name: string, values: readonly string[]): string {
  const line = `enum class ${name} : int { ${values.join(', ')} };`
  return line.length <= LONGEST_LINE ? line : `enum class ${name} : int {\n${values.map((value) => `  ${value}`).join(',\n')}\n};`
}
