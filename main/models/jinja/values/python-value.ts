import { JinjaError } from './jinja-error.ts'

/** A Python float, which prints its decimal point even when whole. Plain numbers are ints. */
export class PyFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export class PyTuple {
  readonly items: readonly unknown[]

  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

/** The value of an undefined name or member. */
export class PyUndefined {
  readonly what: string

  constructor(what: string) {
    this.what = what
  }
}

/** The only kind of object whose members a template may set from within a loop. */
export class PyNamespace {
  readonly members = new Map<unknown, unknown>()
}

export type Arguments = readonly unknown[]
export type Keywords = ReadonlyMap<string, unknown>

export class PyFunction {
  readonly name: string
  readonly call: (args: Arguments, keywords: Keywords) => unknown
  /** The attributes of a macro. */
  readonly members: ReadonlyMap<string, unknown>

  constructor(name: string, call: (args: Arguments, keywords: Keywords) => unknown, members: ReadonlyMap<string, unknown> = new Map()) {
    this.name = name
    this.call = call
    this.members = members
  }
}

/** An object provided to templates, such as `loop`, whose members are computed. */
export interface PyObject {
  readonly typeName: string
  member(name: string): unknown
}

export function isPyObject(value: unknown): value is PyObject {
  return typeof value === 'object' && value !== null && 'typeName' in value && 'member' in value
}

export const isNumber = (value: unknown): value is number | PyFloat | boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof PyFloat

/** The numeric value of an int, a float or a bool. */
export function figureOf(value: number | PyFloat | boolean): number {
  return value instanceof PyFloat ? value.value : Number(value)
}

export function typeName(value: unknown): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'int'
  if (value instanceof PyFloat) return 'float'
  if (Array.isArray(value)) return 'list'
  if (value instanceof PyTuple) return 'tuple'
  if (value instanceof Map) return 'dict'
  if (value instanceof PyUndefined) return 'Undefined'
  if (value instanceof PyNamespace) return 'Namespace'
  return isPyObject(value) ? value.typeName : 'function'
}

/** The characters of a text as Python counts them: code points. */
export function charactersOf(text: string): readonly string[] {
  return [...text]
}

export function pythonLength(value: unknown): number {
  // Surrogates are rare. Without them, UTF-16 units are characters.
  if (typeof value === 'string') return /[\ud800-\udbff]/.test(value) ? charactersOf(value).length : value.length
  if (Array.isArray(value)) return value.length
  if (value instanceof PyTuple) return value.items.length
  if (value instanceof Map) return value.size
  if (value instanceof PyUndefined) return 0
  throw new JinjaError(`object of type '${typeName(value)}' has no len()`)
}

export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false
  if (value instanceof PyFloat) return value.value !== 0
  if (value instanceof PyUndefined) return false
  return Array.isArray(value) || value instanceof PyTuple || value instanceof Map ? pythonLength(value) > 0 : true
}

/** Numbers are compared by value, also as keys: Python's 1, 1.0 and True are the same key. */
export function keyOf(key: unknown): unknown {
  if (key instanceof PyFloat || typeof key === 'boolean')
    return Number.isInteger(figureOf(key)) ? figureOf(key) : `\0float ${figureOf(key)}`
  if (key instanceof PyTuple) return `\0tuple ${key.items.map((item) => `${typeName(item)} ${String(keyOf(item))}`).join('\0')}`
  return key
}

export function isEqual(left: unknown, right: unknown): boolean {
  if (isNumber(left) && isNumber(right)) return figureOf(left) === figureOf(right)
  if (left instanceof PyUndefined && right instanceof PyUndefined) return true
  if (Array.isArray(left) && Array.isArray(right)) return areEqual(left, right)
  if (left instanceof PyTuple && right instanceof PyTuple) return areEqual(left.items, right.items)
  if (left instanceof Map && right instanceof Map)
    return left.size === right.size && [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key)))
  return left === right
}

function areEqual(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => isEqual(item, right[index]))
}

/** Negative, zero or positive if `left` is less than, equal to or greater than `right`. */
export function compare(left: unknown, right: unknown): number {
  if (isNumber(left) && isNumber(right)) return figureOf(left) - figureOf(right)
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  const [leftItems, rightItems] = [sequenceOf(left), sequenceOf(right)]
  if (leftItems && rightItems && typeName(left) === typeName(right)) {
    const at = leftItems.findIndex((item, index) => index >= rightItems.length || !isEqual(item, rightItems[index]))
    return at < 0 || at >= rightItems.length ? leftItems.length - rightItems.length : compare(leftItems[at], rightItems[at])
  }
  throw new JinjaError(`'<' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`)
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  if (!/[\ud800-\udfff]/.test(left + right)) return left < right ? -1 : 1
  const [a, b] = [charactersOf(left), charactersOf(right)]
  const at = a.findIndex((character, index) => character !== b[index])
  if (at < 0) return -1
  return at >= b.length ? 1 : (a[at]?.codePointAt(0) ?? 0) - (b[at]?.codePointAt(0) ?? 0)
}

function sequenceOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as unknown[]
  return value instanceof PyTuple ? value.items : null
}

/** The items that a loop over the value visits. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return charactersOf(value)
  if (value instanceof PyUndefined) return []
  if (value instanceof Map) return [...(value as Map<unknown, unknown>).keys()]
  const items = sequenceOf(value)
  if (items) return items
  throw new JinjaError(`'${typeName(value)}' object is not iterable`)
}

/** Converts a value parsed by `JSON.parse`. */
export function fromJson(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'number') return Number.isInteger(value) ? value : new PyFloat(value)
  if (Array.isArray(value)) return (value as unknown[]).map(fromJson)
  if (value instanceof PyFloat || value instanceof Map) return value
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, fromJson(entry)]])))
}
