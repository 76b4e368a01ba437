/** Maximum stream bytes in the socket's queue: small, so that messages overtake files. */
const MAX_WAITING_BYTES = 512 * 1024

/** Makes the streams of a link take turns, one frame at a time, as the socket accepts them. */
export class TurnGate {
  #waitingBytes = 0
  #queue: (() => void)[] = []

  /** Resolves when `send` has been called. Rejects with `signal`'s reason, without sending, if that aborts first. */
  async pass(bytes: number, signal: AbortSignal, send: (onTaken: () => void) => void): Promise<void> {
    if (this.#waitingBytes > MAX_WAITING_BYTES || this.#queue.length > 0) await this.#turn(signal)
    signal.throwIfAborted()
    this.#waitingBytes += bytes
    send(() => {
      this.#waitingBytes -= bytes
      this.#letNextPass()
    })
    this.#letNextPass()
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#queue = this.#queue.filter((waiting) => waiting !== go)
        resolve()
      }
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      this.#queue.push(go)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #letNextPass(): void {
    if (this.#waitingBytes <= MAX_WAITING_BYTES) this.#queue.shift()?.()
  }
}
