import { JinjaError } from './jinja-error.ts'
import { formatPercent } from './format-percent.ts'
import { addTexts, spend } from './work-budget.ts'
import {
  compare,
  figureOf,
  isEqual,
  isNumber,
  itemsOf,
  keyOf,
  narrowed,
  PyFloat,
  PyGenerator,
  type PyNumber,
  PyTuple,
  PyUndefined,
  PyView,
  typeName,
} from './python-value.ts'

const MOST_REPEATED = 1 << 24
const MOST_BITS = 100_000n

function refuse(operator: string, left: unknown, right: unknown): never {
  const missing = [left, right].find((value) => value instanceof PyUndefined)
  if (missing instanceof PyUndefined) throw new JinjaError(`${missing.what} is undefined`)
  throw new JinjaError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

function repeat(value: unknown, count: number): unknown {
  const times = Math.max(0, count)
  const length = typeof value === 'string' ? value.length : itemsOf(value).length
  if (length * times > MOST_REPEATED) throw new JinjaError('A template repeats a value too often.')
  spend(length * times * (typeof value === 'string' ? 0.25 : 16))
  if (typeof value === 'string') return value.repeat(times)
  const items = Array.from({ length: times }, () => itemsOf(value)).flat()
  return value instanceof PyTuple ? new PyTuple(items) : items
}

/** The remainder with the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b
  if (rest === 0) return b < 0 ? -0 : 0
  return rest < 0 === b < 0 ? rest : rest + b
}

/** A quotient rounded down, by way of the exact remainder. */
function quotient(a: number, b: number): number {
  const exact = (a - modulo(a, b)) / b
  const floor = Math.floor(exact)
  return exact - floor > 0.5 ? floor + 1 : floor
}

function power(a: number, b: number): number {
  if (a === 0 && b < 0) throw new JinjaError('0.0 cannot be raised to a negative power')
  if (a < 0 && !Number.isInteger(b)) throw new JinjaError('A template calculates a complex number.')
  return a ** b
}

function calculateFloat(operator: string, a: number, b: number): PyFloat {
  switch (operator) {
    case '+':
      return new PyFloat(a + b)
    case '-':
      return new PyFloat(a - b)
    case '*':
      return new PyFloat(a * b)
    case '**':
      return new PyFloat(power(a, b))
    default:
      if (b === 0) throw new JinjaError('division by zero')
      return new PyFloat(operator === '/' ? a / b : operator === '//' ? quotient(a, b) : modulo(a, b))
  }
}

function calculateBig(operator: string, a: bigint, b: bigint): number | bigint {
  switch (operator) {
    case '+':
      return narrowed(a + b)
    case '-':
      return narrowed(a - b)
    case '*':
      return narrowed(a * b)
    case '**':
      if (b * BigInt(a.toString(2).length) > MOST_BITS) throw new JinjaError('A template calculates a number that is too large.')
      return narrowed(a ** b)
    default: {
      const rest = ((a % b) + b) % b
      return narrowed(operator === '%' ? rest : (a - rest) / b)
    }
  }
}

function calculate(operator: string, left: PyNumber, right: PyNumber): number | bigint | PyFloat {
  const [a, b] = [figureOf(left), figureOf(right)]
  if (left instanceof PyFloat || right instanceof PyFloat || operator === '/' || (operator === '**' && b < 0))
    return calculateFloat(operator, a, b)
  if (b === 0 && '//%'.includes(operator)) throw new JinjaError('division by zero')
  const isSafe = Number.isSafeInteger(a) && Number.isSafeInteger(b)
  const figure = isSafe ? calculateFloat(operator, a, b).value + 0 : Number.NaN
  if (Number.isSafeInteger(figure)) return figure
  const big = (value: PyNumber): bigint => (typeof value === 'bigint' ? value : BigInt(figureOf(value)))
  return calculateBig(operator, big(left), big(right))
}

/** Python's arithmetic of two values. */
export function operate(operator: string, left: unknown, right: unknown): unknown {
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right)
  if (isNumber(left) && isNumber(right)) return calculate(operator, left, right)
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return addTexts(left, right)
    if (Array.isArray(left) && Array.isArray(right)) {
      spend(left.length + right.length)
      return (left as unknown[]).concat(right)
    }
    if (left instanceof PyTuple && right instanceof PyTuple) {
      spend(left.items.length + right.items.length)
      return new PyTuple(left.items.concat(right.items))
    }
  }
  if (operator === '*') {
    const isSequence = (value: unknown): boolean => typeof value === 'string' || Array.isArray(value) || value instanceof PyTuple
    if (isSequence(left) && isNumber(right) && !(right instanceof PyFloat)) return repeat(left, figureOf(right))
    if (isSequence(right) && isNumber(left) && !(left instanceof PyFloat)) return repeat(right, figureOf(left))
  }
  return refuse(operator, left, right)
}

function contains(container: unknown, item: unknown): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw new JinjaError(`'in <string>' requires string as left operand, not ${typeName(item)}`)
    return container.includes(item)
  }
  if (container instanceof Map) return container.has(keyOf(item))
  if (container instanceof PyUndefined) return false
  const isRead = [PyTuple, PyView, PyGenerator].some((kind) => container instanceof kind)
  if (!Array.isArray(container) && !isRead) throw new JinjaError(`argument of type '${typeName(container)}' is not iterable`)
  return itemsOf(container).some((candidate) => isEqual(candidate, item))
}

export function compares(operator: string, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    case '<':
      return compare(left, right) < 0
    case '<=':
      return compare(left, right) <= 0
    case '>':
      return compare(left, right) > 0
    default:
      return compare(left, right) >= 0
  }
}
