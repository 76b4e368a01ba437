/** How often a link is looked at. */
export const TICK_MS = 100
/** Pings go this far apart: also what the other side has to hear. */
export const PING_MS = 500
/** A link on which nothing came for so long is lost. */
export const SILENCE_MS = 3000
/** A tick that comes so late says that this process itself stood still, not the peer. */
const STALL_MS = 1000

/** Tells from the bytes that have come whether the other end of a link is there. Times in ms of one monotonic clock. */
export class LinkLiveness {
  #heardMs: number
  #lookedMs: number
  #receivedBytes = 0

  constructor(nowMs: number) {
    this.#heardMs = nowMs
    this.#lookedMs = nowMs
  }

  /** @returns how long nothing has come */
  look(nowMs: number, receivedBytes: number): number {
    const hasStalled = nowMs - this.#lookedMs > STALL_MS
    if (hasStalled || receivedBytes !== this.#receivedBytes) this.#heardMs = nowMs
    this.#lookedMs = nowMs
    this.#receivedBytes = receivedBytes
    return nowMs - this.#heardMs
  }
}
