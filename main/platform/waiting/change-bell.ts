/** Wakes everyone who waits for the next change of something. */
export class ChangeBell {
  private readonly waiting = new Set<() => void>()

  ring(): void {
    for (const wake of [...this.waiting]) wake()
  }

  /** Resolves with the next change, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const end = (): void => {
        this.waiting.delete(end)
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
      this.waiting.add(end)
    })
  }
}
