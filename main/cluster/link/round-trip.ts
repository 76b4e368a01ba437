const SAMPLES = 9

/** Keeps the last nine round trips. Their median is not affected by a single one that waited behind a file. */
export class RoundTrip {
  readonly #samplesMs: number[] = []

  add(durationMs: number): void {
    this.#samplesMs.push(durationMs)
    if (this.#samplesMs.length > SAMPLES) this.#samplesMs.shift()
  }

  /** null before the first answer. */
  medianMs(): number | null {
    const sorted = this.#samplesMs.toSorted((left, right) => left - right)
    return sorted[sorted.length >> 1] ?? null
  }
}
