/** Values by the texts that they follow from. Those that were not used for longest are forgotten. */
export class RecentValues<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly weight: number }>()
  readonly #mostCharacters: number
  #characters = 0

  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters
  }

  /** Undefined: not known, or forgotten. */
  get(text: string): Value | undefined {
    const entry = this.#entries.get(text)
    if (entry === undefined) return undefined
    this.#entries.delete(text)
    this.#entries.set(text, entry)
    return entry.value
  }

  /** @param characters - the size of the value, in addition to that of its text */
  set(text: string, value: Value, characters: number): void {
    const weight = text.length + characters
    if (this.#entries.has(text) || weight > this.#mostCharacters) return
    this.#entries.set(text, { value, weight })
    this.#characters += weight
    for (const [oldest, entry] of this.#entries) {
      if (this.#characters <= this.#mostCharacters) return
      this.#entries.delete(oldest)
      this.#characters -= entry.weight
    }
  }
}
