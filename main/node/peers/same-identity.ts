import type { RefusedPeer } from '../../cluster/link/greeting/refused-peers.ts'

/** A machine with this node's identity, or a peer that reports such a machine. */
export interface SameIdentity {
  readonly name: string
  readonly address: string
  /** False: the peer only reports that another machine with this identity is linked to it. */
  readonly isClone: boolean
}

export function sameIdentity(refused: readonly RefusedPeer[], ownId: string): SameIdentity[] {
  return refused
    .filter(({ code }) => code === 'identity-in-use')
    .map(({ nodeId, nodeName, address }) => ({ name: nodeName, address, isClone: nodeId === ownId }))
}
