export interface CableNetwork {
  /** The address of this end. */
  readonly address: string
  readonly peerAddress: string
  readonly netmask: string
}

/** 10.192.0.0/10, in networks of four addresses. */
const FIRST_ADDRESS = 10 * 2 ** 24 + 192 * 2 ** 16
const NETWORKS = 2 ** 20

/**
 * The network of one cable. Both ends compute it independently, because both know both uuids.
 *
 * Two cables of one Mac get the same network in one of 100,000 setups with six cables; `planNetworkSetup` reports that.
 */
export function cableNetwork(ownUuid: string, peerUuid: string): CableNetwork {
  const [low, high] = ownUuid < peerUuid ? [ownUuid, peerUuid] : [peerUuid, ownUuid]
  const first = FIRST_ADDRESS + 4 * (hash(`${low} ${high}`) % NETWORKS)
  const [own, peer] = ownUuid === low ? [1, 2] : [2, 1]
  return { address: dotted(first + own), peerAddress: dotted(first + peer), netmask: '255.255.255.252' }
}

/** FNV-1a, 32 bits, with a final mix because the low bits are used. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}
