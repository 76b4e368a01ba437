import { PeerAnnouncement } from './peer-announcement.ts'

/** A resource record as decoded by multicast-dns, with only the fields that are read here. */
export interface MdnsRecord {
  readonly type: string
  readonly name: string
  readonly ttl?: number
  readonly data?: unknown
}

export interface MdnsResponse {
  readonly answers: readonly MdnsRecord[]
  readonly additionals: readonly MdnsRecord[]
}

export const SERVICE_TYPE = 'exo'
const SERVICE_NAME = `_${SERVICE_TYPE}._tcp.local`

export type MdnsSighting =
  | { readonly type: 'here'; readonly announcement: PeerAnnouncement }
  | { readonly type: 'goodbye'; readonly nodeId: string }

/** TXT entries; each is a string of at most 255 bytes. Port and node id are in the SRV record and in the name. */
export function formatTxt({ nodeName, clusterName, needsKey, version, totalBytes }: PeerAnnouncement): Record<string, string> {
  return {
    v: '1',
    name: nodeName,
    cluster: clusterName,
    key: needsKey ? '1' : '0',
    version,
    ...(totalBytes === null ? {} : { memory: String(totalBytes) }),
  }
}

/** The nodes announced in a response. Incomplete records and other services are left out. */
export function readMdnsResponse({ answers, additionals }: MdnsResponse): MdnsSighting[] {
  const records = [...answers, ...additionals]
  const recordOf = (type: string, name: string): MdnsRecord | undefined =>
    records.find((record) => record.type === type && record.name === name)
  return records.flatMap((record): MdnsSighting[] => {
    if (record.type !== 'PTR' || record.name.toLowerCase() !== SERVICE_NAME || typeof record.data !== 'string') return []
    const nodeId = record.data.slice(0, -SERVICE_NAME.length - 1)
    if (record.ttl === 0) return [{ type: 'goodbye', nodeId }]
    const service = recordOf('SRV', record.data)?.data as { port?: unknown } | undefined
    const txt = parseTxt(recordOf('TXT', record.data)?.data)
    const parsed = PeerAnnouncement.safeParse({
      nodeId,
      peerPort: service?.port,
      nodeName: txt['name'] ?? '',
      clusterName: txt['cluster'],
      needsKey: txt['key'] === '1',
      version: txt['version'] ?? '',
      totalBytes: txt['memory'] === undefined ? null : Number(txt['memory']),
    })
    return parsed.success ? [{ type: 'here', announcement: parsed.data }] : []
  })
}

function parseTxt(data: unknown): Record<string, string> {
  const strings = [data].flat().map(String)
  return Object.fromEntries(strings.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
}
