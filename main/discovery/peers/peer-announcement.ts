import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { peerLine } from '../../shared/formats/peer-text.ts'
import { NodeId } from '../../shared/ids.ts'

/** The node id must fit in an mDNS name: no dots, at most 63 bytes. */
const AnnouncedNodeId = NodeId.refine((text) => /^[\w-]{1,63}$/.test(text))

/** The public announcement of a node on its networks. It is unverified until a link proves it. */
export const PeerAnnouncement = z.object({
  nodeId: AnnouncedNodeId,
  nodeName: peerLine(200),
  clusterName: z.string().min(1).max(200),
  /** Whether the cluster has a key. */
  needsKey: z.boolean(),
  /** The port on which the node accepts links. */
  peerPort: z.int().min(1).max(65535),
  version: peerLine(64),
  /** Memory of the machine; null if an earlier version does not announce it. */
  totalBytes: z.int().min(0).nullable().default(null),
})
export type PeerAnnouncement = z.infer<typeof PeerAnnouncement>

/** A TXT string is `key=value` in 255 bytes, so each text may have this many. */
const MAX_TEXT_BYTES = 200

/**
 * The announcement in a form that fits in packets: a long node name is cut.
 * @throws AppError `cluster-name-too-long`
 */
export function fitAnnouncement(announcement: PeerAnnouncement): PeerAnnouncement {
  if (Buffer.byteLength(announcement.clusterName) > MAX_TEXT_BYTES) {
    throw new AppError('cluster-name-too-long', `A cluster name can have at most ${MAX_TEXT_BYTES} bytes of UTF-8.`, {
      clusterName: announcement.clusterName,
    })
  }
  let nodeName = ''
  for (const character of announcement.nodeName) {
    if (Buffer.byteLength(nodeName + character) > MAX_TEXT_BYTES) break
    nodeName += character
  }
  return { ...announcement, nodeName }
}
