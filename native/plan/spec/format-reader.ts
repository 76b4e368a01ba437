import { cppTypeName, readerName, snakeCase } from './spec-names.ts'
import type { SpecEnum, SpecField, SpecStruct, SpecType } from './spec-type.ts'

/** The functions of native/binding/read_object.h. */
const SCALAR_READERS = { text: 'text', integer: 'integer', large: 'large', real: 'real', flag: 'flag', floats: 'floats' } as const

function enumLines(type: SpecEnum): string[] {
  const words = snakeCase(type.name).replaceAll('_', ' ')
  return [
    `${type.name} ${readerName(type)}(const std::string& name) {`,
    ...Object.entries(type.values).map(([value, cppValue]) => `  if (name == "${value}") return ${type.name}::${cppValue};`),
    `  throw std::invalid_argument("unknown ${words} " + name);`,
    '}',
  ]
}

function fieldLines(key: string, { type, count, cppName }: SpecField): string[] {
  const name = cppName ?? snakeCase(key)
  if (type === 'range')
    return [
      `  value.${name}_begin = large(child(object, "${key}"), "start");`,
      `  value.${name}_end = large(child(object, "${key}"), "end");`,
    ]
  if (count === 'one') {
    if (typeof type === 'string') return [`  value.${name} = ${SCALAR_READERS[type]}(object, "${key}");`]
    if (type.kind === 'enum') return [`  value.${name} = ${readerName(type)}(text(object, "${key}"));`]
    return [`  value.${name} = ${readerName(type)}(object.Get("${key}"));`]
  }
  if (typeof type !== 'string' && type.kind === 'enum') throw new Error(`${key}: only one value of an enum can be read`)
  const convert = typeof type === 'string' ? `to_${type}` : readerName(type)
  return [`  value.${name} = ${count === 'optional' ? 'optional' : 'list'}(object, "${key}", ${convert});`]
}

function structLines(type: SpecStruct): string[] {
  return [
    `${type.spec} ${readerName(type)}(const Napi::Value& from) {`,
    '  const auto object = from.As<Napi::Object>();',
    `  ${cppTypeName(type)} value;`,
    ...Object.entries(type.fields).flatMap(([key, field]) => fieldLines(key, field)),
    '  return value;',
    '}',
  ]
}

const isVisible = (type: SpecType, visible: readonly string[]): boolean => type.kind === 'struct' && visible.includes(type.spec)

/**
 * Formats native/binding/convert_decoder.cpp, which reads the plan's objects in C++.
 *
 * @param visible - the C++ types whose readers can be called from outside
 */
export function formatReader(types: readonly SpecType[], visible: readonly string[], head: string): string {
  const blocks: string[] = []
  for (const [index, type] of types.entries()) {
    const isHidden = !isVisible(type, visible)
    const before = types[index - 1]
    const after = types[index + 1]
    if (isHidden && (!before || isVisible(before, visible))) blocks.push('namespace {')
    blocks.push((type.kind === 'enum' ? enumLines(type) : structLines(type)).join('\n'))
    if (isHidden && (!after || isVisible(after, visible))) blocks.push('}  // namespace')
  }
  return [
    head,
    '',
    '#include "convert_decoder.h"',
    '',
    '#include <stdexcept>',
    '',
    '#include "read_object.h"',
    '',
    'namespace exo {',
    '',
    blocks.join('\n\n'),
    '',
    '}  // namespace exo',
    '',
  ].join('\n')
}
