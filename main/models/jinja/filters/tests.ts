import type { GivenArguments } from '../values/arguments.ts'
import { JinjaError } from '../values/jinja-error.ts'
import { compares, operate } from '../values/operate.ts'
import { PyRange } from '../values/python-range.ts'
import { pythonText } from '../values/python-text.ts'
import {
  figureOf,
  isInt,
  isNumber,
  isPyObject,
  PyBytes,
  PyFloat,
  PyFunction,
  PyGenerator,
  PyTuple,
  PyUndefined,
  PyView,
} from '../values/python-value.ts'

type Test = (value: unknown, given: GivenArguments) => boolean

const modulo = (value: unknown, by: number): number => {
  if (!isNumber(value)) throw new JinjaError('a test of divisibility wants a number')
  const rest = operate('%', value, by)
  return isNumber(rest) ? figureOf(rest) : Number.NaN
}
const isUpper = (text: string): boolean => text === text.toUpperCase() && text !== text.toLowerCase()
const isLower = (text: string): boolean => text === text.toLowerCase() && text !== text.toUpperCase()
const comparing =
  (operator: string): Test =>
  (value, given) =>
    compares(operator, value, given.value(0, 'other'))

const isSequence = (value: unknown): boolean =>
  typeof value === 'string' || Array.isArray(value) || [PyTuple, PyRange, PyBytes, Map, PyUndefined].some((kind) => value instanceof kind)

/** Jinja's tests, except `filter` and `test`, which look up names. */
export const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof PyUndefined),
  undefined: (value) => value instanceof PyUndefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  string: (value) => typeof value === 'string',
  number: isNumber,
  integer: isInt,
  float: (value) => value instanceof PyFloat,
  mapping: (value) => value instanceof Map,
  sequence: isSequence,
  iterable: (value) => isSequence(value) || value instanceof PyView || value instanceof PyGenerator,
  callable: (value) =>
    value instanceof PyFunction || value instanceof PyUndefined || (isPyObject(value) && value.typeName === 'LoopContext'),
  odd: (value) => modulo(value, 2) === 1,
  even: (value) => modulo(value, 2) === 0,
  divisibleby: (value, given) => modulo(value, given.int(0, 'num')) === 0,
  upper: (value) => isUpper(pythonText(value)),
  lower: (value) => isLower(pythonText(value)),
  escaped: () => false,
  sameas: (value, given) =>
    value === given.value(0, 'other') ||
    (isNumber(value) && typeof value === typeof given.value(0, 'other') && compares('==', value, given.value(0, 'other'))),
  in: (value, given) => compares('in', value, given.value(0, 'seq')),
  eq: comparing('=='),
  equalto: comparing('=='),
  '==': comparing('=='),
  ne: comparing('!='),
  '!=': comparing('!='),
  lt: comparing('<'),
  lessthan: comparing('<'),
  '<': comparing('<'),
  le: comparing('<='),
  '<=': comparing('<='),
  gt: comparing('>'),
  greaterthan: comparing('>'),
  '>': comparing('>'),
  ge: comparing('>='),
  '>=': comparing('>='),
}
