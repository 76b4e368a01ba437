/** Keeps the last complete lines of a text stream; memory is bounded by `maxLines` and `maxLineLength`. */
export class LastLines {
  readonly #maxLines: number
  readonly #maxLineLength: number
  #lines: string[] = []
  #pending = ''

  constructor(maxLines: number, maxLineLength: number) {
    this.#maxLines = maxLines
    this.#maxLineLength = maxLineLength
  }

  /** @returns the lines that this text completed */
  push(text: string): string[] {
    const parts = (this.#pending + text).split('\n')
    this.#pending = (parts.pop() ?? '').slice(0, this.#maxLineLength)
    const whole = parts.map((line) => line.trimEnd().slice(0, this.#maxLineLength)).filter((line) => line !== '')
    this.#lines = [...this.#lines, ...whole].slice(-this.#maxLines)
    return whole
  }

  /** Includes the unfinished last line. */
  lines(): string[] {
    const pending = this.#pending.trim()
    return pending === '' ? this.#lines : [...this.#lines, pending].slice(-this.#maxLines)
  }
}
