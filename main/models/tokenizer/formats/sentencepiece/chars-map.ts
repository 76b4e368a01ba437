const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** The normalized text for a position: that of the longest matching rule, or a single character. */
export interface MappedPrefix {
  readonly text: string
  /** Number of UTF-16 units that it replaces. */
  readonly length: number
}

/**
 * SentencePiece's rules for normalizing a text before it is split, as compiled by the trainer: a trie of UTF-8 bytes in
 * a double array, followed by the texts that its values point to.
 */
export class CharsMap {
  readonly #units: DataView
  readonly #texts: Uint8Array

  /** @throws RangeError if the bytes are not a valid map */
  constructor(bytes: Uint8Array) {
    const trieBytes = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) : 0
    if (bytes.length > 0 && (trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length)) throw new RangeError('its rules of writing are cut off')
    this.#units = new DataView(bytes.buffer, bytes.byteOffset + Math.min(4, bytes.length), trieBytes)
    this.#texts = bytes.subarray(4 + trieBytes)
  }

  /** Applies the longest matching rule; without one the character is unchanged. */
  prefixAt(text: string, at: number): MappedPrefix {
    const character = String.fromCodePoint(text.codePointAt(at) as number)
    const mapped = this.#units.byteLength === 0 ? null : this.#longest(text, at)
    return mapped ?? { text: /\p{Surrogate}/u.test(character) ? '\uFFFD' : character, length: character.length }
  }

  #longest(text: string, at: number): MappedPrefix | null {
    let found: MappedPrefix | null = null
    let node = this.#offset(this.#unit(0))
    for (let end = at; end < text.length; ) {
      const character = String.fromCodePoint(text.codePointAt(end) as number)
      for (const byte of Buffer.from(character)) {
        node ^= byte
        const unit = this.#unit(node)
        if ((unit & 0x800000ff) >>> 0 !== byte) return found
        node ^= this.#offset(unit)
        if ((unit >>> 8) & 1) {
          const length = end + character.length - at
          found = { text: this.#textAt(this.#unit(node) & 0x7fffffff), length }
        }
      }
      end += character.length
    }
    return found
  }

  #unit(index: number): number {
    return 4 * index + 4 <= this.#units.byteLength ? this.#units.getUint32(4 * index, true) : 0x80000000
  }

  #offset(unit: number): number {
    return (unit >>> 10) << ((unit & 0x200) >>> 6)
  }

  #textAt(begin: number): string {
    const end = this.#texts.indexOf(0, begin)
    return utf8.decode(this.#texts.subarray(begin, end === -1 ? undefined : end))
  }
}
