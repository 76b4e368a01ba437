/** A random number generator with a seed (mulberry32). */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** The longest input, so that a run covers many inputs and not a few long ones. */
const MAX_BYTES = 64 * 1024

const nasty = [
  '__proto__',
  'constructor',
  '../../..',
  '/',
  '\0',
  '"',
  '{',
  '}',
  '[',
  ']',
  'null',
  'true',
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  '4294967295',
  '2147483648',
  '\u2028',
  '\ud800',
  'NaN',
].map((text) => Buffer.from(text))
const edges = [0, 1, 0x7f, 0x80, 0xff]

/** Creates an input from others by a few changes. */
export function mutate(inputs: readonly Buffer[], words: readonly Buffer[], below: (limit: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(inputs[below(inputs.length)] ?? Buffer.alloc(0))
  for (let changes = 1 + below(6); changes > 0; changes--) bytes = change(bytes, inputs, words, below)
  return bytes.subarray(0, MAX_BYTES)
}

function change(bytes: Buffer, inputs: readonly Buffer[], words: readonly Buffer[], below: (limit: number) => number): Buffer {
  const at = below(bytes.length + 1)
  const length = 1 + below(below(2) === 0 ? 4 : 64)
  const splice = (removed: number, added: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])
  switch (below(8)) {
    case 0:
      return splice(1, Buffer.from([(bytes[at] ?? 0) ^ (1 << below(8))]))
    case 1:
      return splice(1, Buffer.from([edges[below(edges.length)] ?? 0]))
    case 2:
      return splice(length, Buffer.alloc(0))
    case 3:
      return splice(0, Buffer.from(Array.from({ length }, () => below(256))))
    case 4: {
      const known = [...nasty, ...words]
      return splice(below(2) * length, known[below(known.length)] ?? Buffer.alloc(0))
    }
    case 5:
      return splice(0, bytes.subarray(at, at + length))
    case 6: {
      const other = inputs[below(inputs.length)] ?? Buffer.alloc(0)
      return Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length + 1))])
    }
    default:
      return replaceNumber(bytes, below)
  }
}

/** Replaces a number in a text with another one. */
function replaceNumber(bytes: Buffer, below: (limit: number) => number): Buffer {
  const text = bytes.toString('latin1')
  const numbers = [...text.matchAll(/\d+/g)]
  const found = numbers[below(numbers.length)]
  if (!found) return bytes
  const other = [0, -1, 1.5, 2 ** below(64), -(2 ** below(64)), 2 ** 31 - 1, Number.MAX_SAFE_INTEGER][below(7)] ?? 0
  return Buffer.from(text.slice(0, found.index) + String(other) + text.slice(found.index + found[0].length), 'latin1')
}
