import type { NodeId } from '../../shared/ids.ts'

/** A non-member that claims this cluster's name, with its claims. */
export interface Newcomer {
  readonly nodeId: NodeId
  readonly name: string
  readonly address: { readonly host: string; readonly port: number }
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  /** Time of a monotonic clock. */
  readonly heardMs: number
  /** The side whose person must act. */
  readonly waitsFor: 'this-side' | 'other-side'
}

const MOST_WAITING = 16
const MOST_OF_ONE_ADDRESS = 4
/** They knock at least every 15 s. */
const EXPIRY_MS = 45_000
const MOST_NAME_CHARACTERS = 64

/**
 * Nodes that ask for admission. Anyone on the network can ask, so their number is limited, also per address. Pure:
 * times are parameters, in ms of a monotonic clock.
 */
export class WaitingNewcomers {
  readonly #newcomers = new Map<NodeId, Newcomer>()

  /** @returns whether the newcomer was not known yet */
  heard(newcomer: Omit<Newcomer, 'heardMs'>, nowMs: number): boolean {
    const known = this.#newcomers.get(newcomer.nodeId)
    if (!known) {
      this.#expire(nowMs)
      const ofAddress = [...this.#newcomers.values()].filter(({ address }) => address.host === newcomer.address.host)
      if (this.#newcomers.size >= MOST_WAITING || ofAddress.length >= MOST_OF_ONE_ADDRESS) return false
    }
    this.#newcomers.set(newcomer.nodeId, {
      ...newcomer,
      name: sayableName(newcomer.name),
      sinceMs: known?.sinceMs ?? newcomer.sinceMs,
      heardMs: nowMs,
    })
    return !known
  }

  forget(nodeId: NodeId): void {
    this.#newcomers.delete(nodeId)
  }

  list(nowMs: number): Newcomer[] {
    this.#expire(nowMs)
    return [...this.#newcomers.values()]
  }

  #expire(nowMs: number): void {
    for (const [nodeId, { heardMs }] of this.#newcomers) if (nowMs - heardMs > EXPIRY_MS) this.#newcomers.delete(nodeId)
  }
}

/** A name from another machine, made safe to print: one line, without control characters and marks that change the text direction. */
export function sayableName(name: string): string {
  const plain = name
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
  return [...plain].slice(0, MOST_NAME_CHARACTERS).join('') || 'a machine without a name'
}
