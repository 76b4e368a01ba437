/** What one value of the plan is. An integer has 32 bits, a large one 64; a range is half-open, two large integers in C++. */
export type SpecScalar = 'text' | 'integer' | 'large' | 'real' | 'flag' | 'floats' | 'range'

/** A list of matrices reads one input, and its outputs lie side by side: C++'s `LinearSource`. */
export type SpecCount = 'one' | 'optional' | 'list' | 'linear'

export interface SpecField {
  readonly type: SpecScalar | SpecStruct | SpecEnum
  readonly count: SpecCount
  readonly doc: string | null
  /** In C++; null: the name of TypeScript in snake_case. */
  readonly cppName: string | null
  /** In C++; null: 0, false, or the first value of an enum. */
  readonly initial: string | null
}

export interface SpecEnum {
  readonly kind: 'enum'
  readonly name: string
  readonly doc: string
  /** Each value of TypeScript and its name in C++. */
  readonly values: Readonly<Record<string, string>>
}

export interface SpecStruct {
  readonly kind: 'struct'
  /** In TypeScript. */
  readonly plan: string
  /** In C++. */
  readonly spec: string
  readonly doc: string
  readonly fields: Readonly<Record<string, SpecField>>
  /** Lines of C++ after the fields: what follows from them. */
  readonly methods: readonly string[]
  /** The module that declares it in TypeScript; null: the plan itself. */
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
