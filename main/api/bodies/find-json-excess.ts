export interface JsonLimits {
  readonly depth: number
  /** Objects and arrays. */
  readonly containers: number
  readonly strings: number
  /** Numbers, `true`, `false` and `null`. */
  readonly plainValues: number
  readonly keysPerObject: number
  /** Per array, not counting numbers, because prompts of token ids are long. */
  readonly elementsPerArray: number
}

/** Far more than clients send, but quick to scan. */
const BODY_LIMITS: JsonLimits = {
  depth: 128,
  containers: 65_536,
  strings: 262_144,
  plainValues: 1_048_576,
  keysPerObject: 16_384,
  elementsPerArray: 65_536,
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `__proto__` in quotes, plain and with every character escaped. */
const PROTO_KEY = '"__proto__"'
const LONGEST_PROTO_KEY = 2 + 9 * 6

const isPlain = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x45

/**
 * Scans the shape of JSON before it is parsed, because every element costs memory and time even if it is not used.
 * Invalid JSON is left to the parser.
 *
 * @returns a description of the excess for the user; null if all is within the limits
 */
export function findJsonExcess(json: Buffer, limits: JsonLimits = BODY_LIMITS): string | null {
  const countAt = new Uint32Array(limits.depth + 1)
  const isNumber = (byte: number): boolean => byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
  let depth = 0
  let containers = 0
  let strings = 0
  let plainValues = 0
  let stringStart = 0
  let stringEnd = 0
  /** Keys are counted by their colons, so the values of objects are not counted. */
  const isArrayAt = new Uint8Array(limits.depth + 1)
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!
    if (byte === QUOTE) {
      stringStart = at
      at++
      while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
      stringEnd = at + 1
      if (++strings > limits.strings) return `more than ${limits.strings} strings`
    } else if (byte === 0x3a) {
      if (isProtoKey(json, stringStart, stringEnd)) return "a key '__proto__'"
      if (++countAt[depth]! > limits.keysPerObject) return `an object of more than ${limits.keysPerObject} keys`
      continue
    } else if (byte === 0x5d || byte === 0x7d) {
      if (depth > 0) depth--
      continue
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++containers > limits.containers) return `more than ${limits.containers} objects and arrays`
    } else if (isPlain(byte)) {
      if (++plainValues > limits.plainValues) return `more than ${limits.plainValues} numbers`
      while (at + 1 < json.length && isPlain(json[at + 1]!)) at++
    } else continue
    if (isArrayAt[depth] === 1 && !isNumber(byte) && ++countAt[depth]! > limits.elementsPerArray)
      return `an array of more than ${limits.elementsPerArray} elements`
    if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limits.depth) return `more than ${limits.depth} nested levels`
      countAt[depth] = 0
      isArrayAt[depth] = byte === 0x5b ? 1 : 0
    }
  }
  return null
}

function isProtoKey(json: Buffer, start: number, end: number): boolean {
  if (end - start < PROTO_KEY.length || end - start > LONGEST_PROTO_KEY) return false
  const text = json.toString('latin1', start, end)
  if (text === PROTO_KEY) return true
  return (
    text.includes('\\u') &&
    text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) === PROTO_KEY
  )
}
