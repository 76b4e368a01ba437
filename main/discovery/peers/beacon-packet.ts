import { z } from 'zod'
import { PeerAnnouncement } from './peer-announcement.ts'

/** UDP port of all beacons, the same for every node of every cluster. */
export const BEACON_PORT = 52416
const MAX_PACKET_BYTES = 1400

/** A beacon announces its sender, or requests announcements. Unknown fields belong to later versions. */
const BeaconPacket = z.discriminatedUnion('type', [
  PeerAnnouncement.extend({ exo: z.literal(1), type: z.literal('here') }),
  z.object({ exo: z.literal(1), type: z.literal('ask') }),
])
export type BeaconPacket = z.infer<typeof BeaconPacket>

export function formatBeacon(announcement: PeerAnnouncement | null): Buffer {
  const packet: BeaconPacket = announcement ? { exo: 1, type: 'here', ...announcement } : { exo: 1, type: 'ask' }
  return Buffer.from(JSON.stringify(packet))
}

/** Null if the packet is not a beacon. */
export function parseBeacon(bytes: Buffer): BeaconPacket | null {
  if (bytes.length > MAX_PACKET_BYTES) return null
  try {
    return BeaconPacket.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
