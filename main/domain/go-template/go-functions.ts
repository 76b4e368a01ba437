import { AppError } from '../../shared/app-error.ts'

/** Go's empty values are false in a condition. */
export function isGoTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false
}

/** A value as printed by an action. Anything but text is printed as JSON, like Ollama's own values. */
export function print(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function formatted(format: unknown, values: readonly unknown[]): string {
  let next = 0
  return print(format).replaceAll(/%(%|[a-z])/g, (_, verb: string) =>
    verb === '%' ? '%' : verb === 'q' ? JSON.stringify(print(values[next++])) : print(values[next++]),
  )
}

function compare(first: unknown, second: unknown): number {
  if (typeof first === 'number' && typeof second === 'number') return first - second
  return print(first) < print(second) ? -1 : print(first) === print(second) ? 0 : 1
}

function item(value: unknown, keys: readonly unknown[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return typeof key === 'number' ? (inner as unknown[])[key] : undefined
    return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, print(key))
      ? (inner as Record<string, unknown>)[print(key)]
      : undefined
  }, value)
}

const lengthOf = (value: unknown): number =>
  Array.isArray(value) || typeof value === 'string'
    ? value.length
    : typeof value === 'object' && value !== null
      ? Object.keys(value).length
      : 0
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** The functions of Go's templates and of Ollama, except `and` and `or`, which evaluate only as many arguments as necessary. */
export const GO_FUNCTIONS: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  not: (value) => !isGoTrue(value),
  eq: (first, ...others) => others.some((other) => first === other),
  ne: (first, second) => first !== second,
  lt: (first, second) => compare(first, second) < 0,
  le: (first, second) => compare(first, second) <= 0,
  gt: (first, second) => compare(first, second) > 0,
  ge: (first, second) => compare(first, second) >= 0,
  len: lengthOf,
  index: (value, ...keys) => item(value, keys),
  slice: (value, start, end) =>
    typeof value === 'string' || Array.isArray(value) ? value.slice(number(start) ?? 0, number(end)) : undefined,
  // A space separates two operands if neither is a string.
  print: (...values) =>
    values
      .map((value, index) =>
        index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string' ? ` ${print(value)}` : print(value),
      )
      .join(''),
  println: (...values) => `${values.map(print).join(' ')}\n`,
  printf: (format, ...values) => formatted(format, values),
  json: (value) => JSON.stringify(value ?? null),
  toJson: (value) => JSON.stringify(value ?? null),
}

export function unknownFunction(name: string): never {
  throw new AppError('invalid-request', `The template calls "${name}", which this node does not support.`, {
    param: 'template',
    name,
  })
}
