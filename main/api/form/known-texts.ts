/** Texts that have been checked and are right. The ones that were not used for longest are forgotten. */
export class KnownTexts {
  readonly #texts = new Set<string>()
  readonly #mostCharacters: number
  #characters = 0

  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters
  }

  has(text: string): boolean {
    if (!this.#texts.delete(text)) return false
    this.#texts.add(text)
    return true
  }

  add(text: string): void {
    if (this.has(text) || text.length > this.#mostCharacters) return
    this.#texts.add(text)
    this.#characters += text.length
    for (const oldest of this.#texts) {
      if (this.#characters <= this.#mostCharacters) return
      this.#texts.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}
