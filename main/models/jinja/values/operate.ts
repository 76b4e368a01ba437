import { JinjaError } from './jinja-error.ts'
import { formatPercent } from './format-percent.ts'
import { compare, figureOf, isEqual, isNumber, itemsOf, keyOf, PyFloat, PyTuple, PyUndefined, typeName } from './python-value.ts'

const MOST_REPEATED = 1 << 24

function refuse(operator: string, left: unknown, right: unknown): never {
  const missing = [left, right].find((value) => value instanceof PyUndefined)
  if (missing instanceof PyUndefined) throw new JinjaError(`${missing.what} is undefined`)
  throw new JinjaError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`)
}

function repeat(value: unknown, count: number): unknown {
  const times = Math.max(0, count)
  const length = typeof value === 'string' ? value.length : itemsOf(value).length
  if (length * times > MOST_REPEATED) throw new JinjaError('A template repeats a value too often.')
  if (typeof value === 'string') return value.repeat(times)
  const items = Array.from({ length: times }, () => itemsOf(value)).flat()
  return value instanceof PyTuple ? new PyTuple(items) : items
}

function calculate(operator: string, a: number, b: number, isFloat: boolean): number | PyFloat {
  const result = (figure: number): number | PyFloat => (isFloat ? new PyFloat(figure) : figure)
  switch (operator) {
    case '+':
      return result(a + b)
    case '-':
      return result(a - b)
    case '*':
      return result(a * b)
    case '**':
      return isFloat || b < 0 ? new PyFloat(a ** b) : a ** b
    default:
      if (b === 0) throw new JinjaError('division by zero')
      if (operator === '/') return new PyFloat(a / b)
      return operator === '//' ? result(Math.floor(a / b)) : result(a - b * Math.floor(a / b))
  }
}

/** Python's arithmetic of two values. */
export function operate(operator: string, left: unknown, right: unknown): unknown {
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right)
  if (isNumber(left) && isNumber(right))
    return calculate(operator, figureOf(left), figureOf(right), left instanceof PyFloat || right instanceof PyFloat)
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right
    if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])]
    if (left instanceof PyTuple && right instanceof PyTuple) return new PyTuple([...left.items, ...right.items])
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
  if (!Array.isArray(container) && !(container instanceof PyTuple))
    throw new JinjaError(`argument of type '${typeName(container)}' is not iterable`)
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
