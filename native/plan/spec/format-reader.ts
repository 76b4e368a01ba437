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

/** Formats native/binding/convert_decoder.cpp, which reads the plan's objects in C++. Only the last type is visible outside. */
export function formatReader(types: readonly SpecType[], head: string): string {
  const functions = types.map((type) => (type.kind === 'enum' ? enumLines(type) : structLines(type)).join('\n'))
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
    'namespace {',
    '',
    functions.slice(0, -1).join('\n\n'),
    '',
    '}  // namespace',
    '',
    functions.at(-1),
    '',
    '}  // namespace exo',
    '',
  ].join('\n')
}
