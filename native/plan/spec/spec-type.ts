/** The type of a value in the plan. An integer has 32 bits, a large one 64. A range is half-open: two large integers in C++. */
export type SpecScalar = 'text' | 'integer' | 'large' | 'real' | 'flag' | 'floats' | 'range'

/** `linear`: matrices with the same input, whose outputs are concatenated; `LinearSource` in C++. */
export type SpecCount = 'one' | 'optional' | 'list' | 'linear'

export interface SpecField {
  readonly type: SpecScalar | SpecStruct | SpecEnum
  readonly count: SpecCount
  readonly doc: string | null
  /** The C++ name; null: the TypeScript name in snake_case. */
  readonly cppName: string | null
  /** The initial value in C++; null: 0, false, or the first value of an enum. */
  readonly initial: string | null
}

export interface SpecEnum {
  readonly kind: 'enum'
  readonly name: string
  readonly doc: string
  /** Each TypeScript value and its C++ name. */
  readonly values: Readonly<Record<string, string>>
}

export interface SpecStruct {
  readonly kind: 'struct'
  /** The TypeScript name. */
  readonly plan: string
  /** The C++ name. */
  readonly spec: string
  readonly doc: string
  readonly fields: Readonly<Record<string, SpecField>>
  /** Lines of C++ after the fields: functions that are derived from them. */
  readonly methods: readonly string[]
  /** The TypeScript module that declares it; null: the plan itself. */
  readonly importedFrom: string | null
}

export type SpecType = SpecStruct | SpecEnum

type FieldOptions = Partial<Pick<SpecField, 'cppName' | 'initial'>>

function fieldOf(
  type: SpecField['type'],
  count: SpecCount,
  doc: string | null,
  { cppName = null, initial = null }: FieldOptions,
): SpecField {
  return { type, count, doc, cppName, initial }
}

export function one(type: SpecField['type'], doc: string | null = null, options: FieldOptions = {}): SpecField {
  return fieldOf(type, 'one', doc, options)
}

/** null in TypeScript, absent in C++. */
export function optional(type: SpecField['type'], doc: string | null = null, options: FieldOptions = {}): SpecField {
  return fieldOf(type, 'optional', doc, options)
}

export function list(type: SpecField['type'], doc: string | null = null, options: FieldOptions = {}): SpecField {
  return fieldOf(type, 'list', doc, options)
}

export function linear(matrix: SpecStruct, doc: string | null = null, options: FieldOptions = {}): SpecField {
  return fieldOf(matrix, 'linear', doc, options)
}

export function struct(
  names: { readonly plan: string; readonly spec: string },
  doc: string,
  fields: SpecStruct['fields'],
  { methods = [], importedFrom = null }: Partial<Pick<SpecStruct, 'methods' | 'importedFrom'>> = {},
): SpecStruct {
  return { kind: 'struct', ...names, doc, fields, methods, importedFrom }
}

export function enumeration(name: string, doc: string, values: SpecEnum['values']): SpecEnum {
  return { kind: 'enum', name, doc, values }
}
