import type { GivenArguments } from '../values/arguments.ts'
import { JinjaError } from '../values/jinja-error.ts'
import { compares } from '../values/operate.ts'
import { figureOf, isNumber, isPyObject, PyFloat, PyFunction, PyTuple, PyUndefined } from '../values/python-value.ts'

type Test = (value: unknown, given: GivenArguments) => boolean

const modulo = (value: unknown, by: number): number => {
  if (!isNumber(value)) throw new JinjaError('a test of divisibility wants a number')
  return figureOf(value) - by * Math.floor(figureOf(value) / by)
}
const comparing =
  (operator: string): Test =>
  (value, given) =>
    compares(operator, value, given.value(0, 'other'))

const isSequence = (value: unknown): boolean =>
  typeof value === 'string' || Array.isArray(value) || value instanceof PyTuple || value instanceof Map || value instanceof PyUndefined

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
  integer: (value) => typeof value === 'number',
  float: (value) => value instanceof PyFloat,
  mapping: (value) => value instanceof Map,
  sequence: isSequence,
  iterable: isSequence,
  callable: (value) => value instanceof PyFunction || (isPyObject(value) && value.typeName === 'LoopContext'),
  odd: (value) => modulo(value, 2) === 1,
  even: (value) => modulo(value, 2) === 0,
  divisibleby: (value, given) => modulo(value, given.int(0, 'num')) === 0,
  upper: (value) => typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase(),
  lower: (value) => typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase(),
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
