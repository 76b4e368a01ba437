import { createHash } from 'node:crypto'

/** The random choices of one run of a case. The same seed draws the same ones in the same order. */
export class ChaosDraw {
  readonly #seed: string
  readonly #drawn: string[] = []

  constructor(seed: string) {
    this.#seed = seed
  }

  /** A whole number of the interval, which includes both ends. */
  between(what: string, least: number, most: number): number {
    return this.#note(what, least + Math.floor(this.#ratio() * (most - least + 1)))
  }

  /** One of several, noted by `name`. */
  one<T>(what: string, of: readonly T[], name: (chosen: T) => string | number): T {
    const chosen = of[Math.floor(this.#ratio() * of.length)]
    if (chosen === undefined) throw new Error(`there is nothing to draw as ${what}`)
    this.#note(what, name(chosen))
    return chosen
  }

  /** All of them in another order. Not noted. */
  shuffled<T>(of: readonly T[]): T[] {
    return of
      .map((item, index) => ({ item, key: this.#digest(`order ${index}`) }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item)
  }

  /** What was drawn so far, for the log. */
  describe(): string {
    return this.#drawn.join(', ')
  }

  #note<T extends string | number>(what: string, value: T): T {
    this.#drawn.push(`${what} ${value}`)
    return value
  }

  #ratio(): number {
    return this.#digest(String(this.#drawn.length))
  }

  /** At least 0, and less than 1. */
  #digest(of: string): number {
    return createHash('sha256').update(`${this.#seed} ${of}`).digest().readUInt32BE(0) / 2 ** 32
  }
}
