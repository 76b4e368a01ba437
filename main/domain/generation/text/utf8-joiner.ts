/** Joins pieces of UTF-8 into text, and withholds the bytes of an incomplete character. */
export interface Utf8Joiner {
  push(bytes: Uint8Array): string
  /** Flushes the incomplete bytes as U+FFFD and resets the joiner. */
  flush(): string
}

const REPLACEMENT = '\ufffd'

/** The number of continuation bytes that a lead byte requires; -1: not a lead byte. */
function continuationCount(lead: number): number {
  if (lead < 0x80) return 0
  if (lead >= 0xc2 && lead <= 0xdf) return 1
  if (lead >= 0xe0 && lead <= 0xef) return 2
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1
}

/** Whether `next` may follow `lead` directly. Overlong forms, surrogates and code points beyond U+10FFFF are not allowed. */
function mayFollow(lead: number, next: number): boolean {
  if (lead === 0xe0) return next >= 0xa0 && next <= 0xbf
  if (lead === 0xed) return next >= 0x80 && next <= 0x9f
  if (lead === 0xf0) return next >= 0x90 && next <= 0xbf
  if (lead === 0xf4) return next >= 0x80 && next <= 0x8f
  return next >= 0x80 && next <= 0xbf
}

/** Invalid bytes become U+FFFD, one per maximal part of a character, as in WHATWG's decoder; a BOM is kept. */
export function createUtf8Joiner(): Utf8Joiner {
  let lead = 0
  let codePoint = 0
  /** Number of missing continuation bytes; 0: between characters. */
  let missing = 0
  let isFirstContinuation = false

  const start = (byte: number): string => {
    const count = continuationCount(byte)
    if (count === 0) return String.fromCharCode(byte)
    if (count < 0) return REPLACEMENT
    lead = byte
    missing = count
    isFirstContinuation = true
    codePoint = byte & (0x3f >> count)
    return ''
  }
  const take = (byte: number): string => {
    if (missing === 0) return start(byte)
    const fits = isFirstContinuation ? mayFollow(lead, byte) : (byte & 0xc0) === 0x80
    if (!fits) {
      missing = 0
      return REPLACEMENT + start(byte)
    }
    isFirstContinuation = false
    codePoint = (codePoint << 6) | (byte & 0x3f)
    missing--
    return missing === 0 ? String.fromCodePoint(codePoint) : ''
  }
  return {
    push: (bytes) => {
      let text = ''
      for (const byte of bytes) text += take(byte)
      return text
    },
    flush: () => {
      const text = missing > 0 ? REPLACEMENT : ''
      missing = 0
      return text
    },
  }
}
