import type { SealKey } from './datagram-seal.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'

/** The start parameters of the datagram thread. */
export interface DatagramThreadData {
  readonly host: string | null
  readonly port: number
  /** Shared memory for `PULSE`, visible to both threads at once. */
  readonly pulse: Int32Array<SharedArrayBuffer>
}

/**
 * Slots of the shared pulse: a counter that the node's loop advances while it runs, and the number of datagrams that
 * the loop has taken.
 */
export const PULSE = { beats: 0, taken: 1, places: 2 } as const

export type DatagramCommand =
  | { readonly type: 'send'; readonly datagram: Uint8Array; readonly to: PeerAddress }
  /** Datagrams with this tag are accepted. While the node's loop is blocked, the thread sends heartbeats with the key. */
  | { readonly type: 'listen'; readonly linkTag: string; readonly key: SealKey }
  | { readonly type: 'forget'; readonly linkTag: string }
  | { readonly type: 'close' }

/** Events of the thread. `open` is first, with a `reason` if the port could not be opened; `closed` is last. */
export type DatagramReport =
  | { readonly type: 'open'; readonly reason: string | null }
  | { readonly type: 'datagram'; readonly datagram: Uint8Array; readonly from: PeerAddress }
  | { readonly type: 'closed' }
