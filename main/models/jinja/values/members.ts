import { ownValue } from '../../../shared/own-value.ts'
import { GivenArguments } from './arguments.ts'
import { DICT_METHODS, LIST_METHODS, slicedPlaces, sliceBounds, TUPLE_METHODS } from './collection-methods.ts'
import { JinjaError } from './jinja-error.ts'
import {
  charactersOf,
  figureOf,
  isNumber,
  isPyObject,
  type PyObject,
  keyOf,
  PyBytes,
  PyFloat,
  PyFunction,
  PyNamespace,
  PyTuple,
  PyUndefined,
  typeName,
} from './python-value.ts'
import { PyRange } from './python-range.ts'
import { STRING_METHODS } from './string-methods.ts'
import { spendOnText } from './work-budget.ts'

const NUMBER_METHODS: Readonly<Record<string, (value: number) => unknown>> = {
  is_integer: (value) => Number.isInteger(value),
  bit_length: (value) => Math.abs(value).toString(2).length,
  conjugate: (value) => value,
}

const BYTES_METHODS: Readonly<Record<string, (bytes: Uint8Array, given: GivenArguments) => unknown>> = {
  decode: (bytes) => new TextDecoder().decode(bytes),
  hex: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
}

function bound(name: string, call: (given: GivenArguments) => unknown): PyFunction {
  return new PyFunction(name, (args, keywords) => call(new GivenArguments(name, args, keywords)))
}

/** A method of a value, or a member of a named tuple; undefined if its type has none of that name. */
export function methodOf(object: unknown, name: string): unknown {
  const own = <Method>(methods: Readonly<Record<string, Method>>): Method | undefined => ownValue(methods, name)
  if (typeof object === 'string') {
    const method = own(STRING_METHODS)
    return (
      method &&
      bound(name, (given) => {
        spendOnText(object)
        return method(object, given, itemOf)
      })
    )
  }
  if (Array.isArray(object)) {
    const method = own(LIST_METHODS)
    return method && bound(name, (given) => method(object as unknown[], given))
  }
  if (object instanceof PyTuple) {
    const at = object.names.indexOf(name)
    if (at >= 0) return object.items[at]
    const method = own(TUPLE_METHODS)
    return method && bound(name, (given) => method(object, given))
  }
  if (object instanceof Map) {
    const method = own(DICT_METHODS)
    return method && bound(name, (given) => method(object as Map<unknown, unknown>, given))
  }
  if (object instanceof PyBytes) {
    const method = own(BYTES_METHODS)
    return method && bound(name, (given) => method(object.bytes, given))
  }
  if (isNumber(object)) {
    const method = own(NUMBER_METHODS)
    return method && bound(name, () => method(figureOf(object)))
  }
  return undefined
}

function missing(object: unknown, key: unknown): PyUndefined {
  return new PyUndefined(
    typeof key === 'string'
      ? `'${typeName(object)} object' has no attribute '${key}'`
      : `${typeName(object)} object has no element ${String(key)}`,
  )
}

function elementOf(object: unknown, key: unknown): unknown {
  if (object instanceof Map) return (object as Map<unknown, unknown>).get(keyOf(key))
  if (object instanceof PyNamespace) return object.members.get(key)
  if (!isNumber(key) || key instanceof PyFloat) return undefined
  if (object instanceof PyBytes) return object.bytes.at(figureOf(key))
  if (typeof object === 'string') spendOnText(object)
  const items =
    typeof object === 'string'
      ? charactersOf(object)
      : object instanceof PyTuple || object instanceof PyRange
        ? object.items
        : Array.isArray(object)
          ? (object as unknown[])
          : null
  return items?.at(figureOf(key))
}

/** @throws JinjaError for an undefined value */
export function checkDefined(object: unknown): void {
  if (object instanceof PyUndefined) throw new JinjaError(object.what.includes(' ') ? object.what : `'${object.what}' is undefined`)
}

/** None is a value, too. */
function ownMember(object: PyObject, name: string): unknown {
  const found = object.member(name)
  return found === undefined ? missing(object, name) : found
}

/** `object.name`: the attribute of that name, or else the item. */
export function memberOf(object: unknown, name: string): unknown {
  checkDefined(object)
  if (object instanceof PyFunction) return object.members.get(name) ?? missing(object, name)
  if (isPyObject(object)) return ownMember(object, name)
  const found = methodOf(object, name) ?? elementOf(object, name)
  return found === undefined ? missing(object, name) : found
}

/** `object[key]`: the item, or else the attribute of that name. */
export function itemOf(object: unknown, key: unknown): unknown {
  checkDefined(object)
  const element = elementOf(object, key)
  if (element !== undefined) return element
  if (isPyObject(object)) return ownMember(object, String(key))
  return (typeof key === 'string' ? methodOf(object, key) : undefined) ?? missing(object, key)
}

export function sliceOf(object: unknown, start: unknown, stop: unknown, step: unknown): unknown {
  checkDefined(object)
  if (typeof object === 'string') {
    const all = charactersOf(object)
    return slicedPlaces(all.length, start, stop, step)
      .map((place) => all[place])
      .join('')
  }
  if (Array.isArray(object)) return slicedPlaces(object.length, start, stop, step).map((place) => (object as unknown[])[place])
  if (object instanceof PyTuple)
    return new PyTuple(slicedPlaces(object.items.length, start, stop, step).map((place) => object.items[place]))
  if (object instanceof PyBytes)
    return new PyBytes(Uint8Array.from(slicedPlaces(object.bytes.length, start, stop, step), (place) => object.bytes[place] ?? 0))
  if (object instanceof PyRange) {
    const { from, to, stride } = sliceBounds(object.items.length, start, stop, step)
    const length = Math.max(0, Math.ceil((to - from) / stride))
    return new PyRange(object.start + from * object.step, object.step * stride, length, object.start + to * object.step)
  }
  throw new JinjaError(`'${typeName(object)}' object is not subscriptable`)
}
