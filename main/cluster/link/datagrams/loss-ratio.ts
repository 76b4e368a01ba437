/** The weight of one datagram: about the last ten count. */
const WEIGHT = 0.1
/** An interruption is not a loss of as many datagrams as would have come in that time. */
const MOST_IN_A_ROW = 8

/** The recent ratio of datagrams of a peer that did not arrive. */
export class LossRatio {
  #ratio = 0

  get value(): number {
    return this.#ratio
  }

  received(): void {
    this.#ratio *= 1 - WEIGHT
  }

  missed(count: number): void {
    this.#ratio = 1 - (1 - this.#ratio) * (1 - WEIGHT) ** Math.min(count, MOST_IN_A_ROW)
  }
}
