import { JinjaError } from './jinja-error.ts'
import { spend } from './work-budget.ts'

/** A Python float, which prints its decimal point even when whole. Plain numbers are ints. */
export class PyFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

export class PyTuple {
  readonly items: readonly unknown[]
  /** Names of the items of a named tuple. */
  readonly names: readonly string[]

  constructor(items: readonly unknown[], names: readonly string[] = []) {
    this.items = items
    this.names = names
  }
}

/** A range or a view of a dict: items that print under a name. */
export class PyView {
  readonly typeName: string
  readonly items: readonly unknown[]
  /** How a range prints. */
  readonly shown: string | null

  constructor(typeName: string, items: readonly unknown[], shown: string | null = null) {
    this.typeName = typeName
    this.items = items
    this.shown = shown
  }
}

/** Items that can be read once, such as those of `map` and `select`. */
export class PyGenerator {
  private readonly items: readonly unknown[]
  private at = 0

  constructor(items: readonly unknown[]) {
    this.items = items
  }

  get length(): number {
    return this.items.length - this.at
  }

  /** The next item, or all that are left. */
  take(count = this.length): readonly unknown[] {
    const taken = this.items.slice(this.at, this.at + count)
    this.at += taken.length
    return taken
  }
}

export class PyBytes {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
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
  /** Its text, if it is not only the type's name. */
  readonly shown?: string
  member(name: string): unknown
}

export function isPyObject(value: unknown): value is PyObject {
  return typeof value === 'object' && value !== null && 'typeName' in value && 'member' in value
}

/** Ints beyond the safe integers are bigints. */
export type PyNumber = number | bigint | PyFloat | boolean

export const isNumber = (value: unknown): value is PyNumber => isInt(value) || typeof value === 'boolean' || value instanceof PyFloat

export const isInt = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

/** An int as a number where that is exact. */
export function narrowed(value: bigint): number | bigint {
  const figure = Number(value)
  return Number.isSafeInteger(figure) ? figure : value
}

/** A whole number in digits. */
export const intOfDigits = (digits: string): number | bigint => (digits.length < 16 ? Number(digits) : narrowed(BigInt(digits)))

/** The numeric value of an int, a float or a bool, rounded if the int is large. */
export function figureOf(value: PyNumber): number {
  return value instanceof PyFloat ? value.value : Number(value)
}

export function typeName(value: unknown): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (isInt(value)) return 'int'
  if (value instanceof PyFloat) return 'float'
  if (Array.isArray(value)) return 'list'
  if (value instanceof PyTuple) return 'tuple'
  if (value instanceof PyView) return value.typeName
  if (value instanceof PyGenerator) return 'generator'
  if (value instanceof PyBytes) return 'bytes'
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
  if (value instanceof PyTuple || value instanceof PyView) return value.items.length
  if (value instanceof PyGenerator) return value.length
  if (value instanceof PyBytes) return value.bytes.length
  if (value instanceof Map) return value.size
  if (value instanceof PyUndefined) return 0
  throw new JinjaError(`object of type '${typeName(value)}' has no len()`)
}

export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false
  if (value instanceof PyFloat) return value.value !== 0
  if (value instanceof PyUndefined) return false
  const isSized = [PyTuple, PyView, PyBytes, Map].some((sized) => value instanceof sized)
  return Array.isArray(value) || isSized ? pythonLength(value) > 0 : true
}

const KEY_MARK = '\0key '

/** Numbers are compared by value, also as keys: Python's 1, 1.0 and True are the same key. */
export function keyOf(key: unknown): unknown {
  if (key instanceof PyFloat || typeof key === 'boolean')
    return Number.isInteger(figureOf(key)) ? figureOf(key) : `${KEY_MARK}${JSON.stringify(writtenKey(key))}`
  if (Array.isArray(key) || key instanceof Map) return writtenKey(key)
  return key instanceof PyTuple ? `${KEY_MARK}${JSON.stringify(writtenKey(key))}` : key
}

function writtenKey(key: unknown): unknown {
  spend(1)
  if (Array.isArray(key) || key instanceof Map) throw new JinjaError(`unhashable type: '${typeName(key)}'`)
  if (key instanceof PyTuple) return key.items.map(writtenKey)
  if (key instanceof PyFloat) return Number.isInteger(key.value) ? key.value : { float: String(key.value) }
  return typeof key === 'bigint' ? { int: String(key) } : typeof key === 'boolean' ? Number(key) : key
}

/** The key that `keyOf` has changed. */
function originalKey(key: unknown): unknown {
  return typeof key === 'string' && key.startsWith(KEY_MARK) ? readKey(JSON.parse(key.slice(KEY_MARK.length))) : key
}

function readKey(written: unknown): unknown {
  if (Array.isArray(written)) return new PyTuple(written.map(readKey))
  if (typeof written !== 'object' || written === null) return written
  return 'int' in written ? BigInt(String(written.int)) : new PyFloat(Number((written as { float: unknown }).float))
}

/** The keys and values of a dict. */
export function pairsOf(dict: ReadonlyMap<unknown, unknown>): [key: unknown, value: unknown][] {
  return [...dict].map(([key, value]) => [originalKey(key), value])
}

export function isEqual(left: unknown, right: unknown): boolean {
  spend(1)
  // Numbers and bigints of the same value are equal, also beyond the safe integers.
  if (isNumber(left) && isNumber(right)) return compareFigures(left, right) === 0
  if (left instanceof PyView && right instanceof PyView)
    return left.typeName === right.typeName && left.typeName !== 'dict_values' && areEqual(left.items, right.items)
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
  spend(1)
  if (isNumber(left) && isNumber(right)) return compareFigures(left, right)
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  const [leftItems, rightItems] = [sequenceOf(left), sequenceOf(right)]
  if (leftItems && rightItems && typeName(left) === typeName(right)) {
    const at = leftItems.findIndex((item, index) => index >= rightItems.length || !isEqual(item, rightItems[index]))
    return at < 0 || at >= rightItems.length ? leftItems.length - rightItems.length : compare(leftItems[at], rightItems[at])
  }
  throw new JinjaError(`'<' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`)
}

function compareFigures(left: PyNumber, right: PyNumber): number {
  const [a, b] = [left, right].map((value) => (typeof value === 'bigint' ? value : figureOf(value)))
  if (a === undefined || b === undefined) return 0
  // eslint-disable-next-line eqeqeq -- a number and a bigint are equal only by this operator
  return a == b ? 0 : a < b ? -1 : a > b ? 1 : Number.NaN
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0
  spend((left.length + right.length) >> 4)
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
  if (value instanceof Map) return [...(value as Map<unknown, unknown>).keys()].map(originalKey)
  if (value instanceof PyView) return value.items
  if (value instanceof PyGenerator) return value.take()
  if (value instanceof PyBytes) return [...value.bytes]
  const items = sequenceOf(value)
  if (items) return items
  throw new JinjaError(`'${typeName(value)}' object is not iterable`)
}

/** Converts a value parsed by `JSON.parse`. */
export function fromJson(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.isInteger(value) ? BigInt(value) : new PyFloat(value)
  if (Array.isArray(value)) return (value as unknown[]).map(fromJson)
  if (value instanceof PyFloat || value instanceof PyGenerator || value instanceof Map) return value
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, fromJson(entry)]])))
}
