import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { formatBeacon, parseBeacon } from './beacon-packet.ts'
import { formatTxt, readMdnsResponse } from './mdns-records.ts'
import { fitAnnouncement, type PeerAnnouncement } from './peer-announcement.ts'

const announcement: PeerAnnouncement = {
  nodeId: NodeId.parse('a2b'),
  nodeName: "Ada's Mac=1.local 🍏",
  clusterName: 'größe=1',
  needsKey: true,
  peerPort: 7000,
  version: '0.1.0',
  totalBytes: 128e9,
}

/** A response as decoded by multicast-dns. */
function response(txt: readonly string[], overrides: { ttl?: number; port?: unknown; name?: string } = {}) {
  const { ttl = 120, port = 7000, name = 'a2b' } = overrides
  const service = `${name}._exo._tcp.local`
  return {
    answers: [{ type: 'PTR', name: '_exo._tcp.local', ttl, data: service }],
    additionals: [
      { type: 'SRV', name: service, ttl, data: { port, target: `${name}.local` } },
      { type: 'TXT', name: service, ttl, data: txt.map((text) => Buffer.from(text)) },
      { type: 'A', name: `${name}.local`, ttl, data: '10.0.0.1' },
    ],
  }
}
const strings = Object.entries(formatTxt(announcement)).map(([key, value]) => `${key}=${value}`)

describe('beacons', () => {
  it('say who is here, or ask', () => {
    expect(parseBeacon(formatBeacon(announcement))).toEqual({ exo: 1, type: 'here', ...announcement })
    expect(parseBeacon(formatBeacon(null))).toEqual({ exo: 1, type: 'ask' })
  })
  it('may hold more in a later version', () => {
    const later = JSON.stringify({ ...JSON.parse(formatBeacon(announcement).toString()), mood: 'fine' })
    expect(parseBeacon(Buffer.from(later))).toMatchObject({ nodeId: 'a2b' })
  })
  it('may hold less in an earlier version', () => {
    const { totalBytes: _, ...earlier } = announcement
    expect(parseBeacon(Buffer.from(JSON.stringify({ exo: 1, type: 'here', ...earlier })))).toMatchObject({
      nodeId: 'a2b',
      totalBytes: null,
    })
  })
  it('are never made of other bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseBeacon(Buffer.from(bytes)) === null))
    fc.assert(fc.property(fc.json(), (text) => parseBeacon(Buffer.from(text)) === null))
    for (const [key, value] of [
      ['peerPort', 0],
      ['peerPort', 65536],
      ['nodeId', 'a.b'],
      ['nodeId', ''],
      ['clusterName', ''],
      ['exo', 2],
    ] as const) {
      expect(parseBeacon(Buffer.from(JSON.stringify({ ...JSON.parse(formatBeacon(announcement).toString()), [key]: value })))).toBeNull()
    }
    expect(parseBeacon(Buffer.from(JSON.stringify({ exo: 1, type: 'ask', filler: 'x'.repeat(2000) })))).toBeNull()
  })
})

describe('mDNS records', () => {
  it('bring back what was announced, every string short enough', () => {
    expect(readMdnsResponse(response(strings))).toEqual([{ type: 'here', announcement }])
    const longest = fitAnnouncement({ ...announcement, nodeName: '🍏'.repeat(100), clusterName: 'ü'.repeat(100) })
    expect(Math.max(...Object.entries(formatTxt(longest)).map(([key, value]) => Buffer.byteLength(`${key}=${value}`)))).toBeLessThanOrEqual(
      255,
    )
    expect(formatBeacon(longest).length).toBeLessThan(1400)
  })
  it('may hold less in an earlier version', () => {
    const earlier = strings.filter((text) => !text.startsWith('memory='))
    expect(readMdnsResponse(response(earlier))).toMatchObject([{ type: 'here', announcement: { nodeId: 'a2b', totalBytes: null } }])
  })
  it('tell a goodbye', () => expect(readMdnsResponse(response(strings, { ttl: 0 }))).toEqual([{ type: 'goodbye', nodeId: 'a2b' }]))
  it.each<[string, ReturnType<typeof response>]>([
    ['without a cluster', response(['v=1'])],
    ['with a wrong port', response(strings, { port: 'x' })],
    ['with a wrong memory', response([...strings.filter((text) => !text.startsWith('memory=')), 'memory=much'])],
    ['with a name that is no node id', response(strings, { name: 'my printer' })],
    ['of another service', { answers: [{ type: 'PTR', name: '_ipp._tcp.local', ttl: 1, data: 'x._ipp._tcp.local' }], additionals: [] }],
    ['with a pointer alone', { ...response(strings), additionals: [] }],
  ])('%s are left out', (_name, packet) => expect(readMdnsResponse(packet)).toEqual([]))
})

describe('fitAnnouncement', () => {
  it('cuts a long node name between characters, and refuses a long cluster name', () => {
    expect(fitAnnouncement({ ...announcement, nodeName: '🍏'.repeat(60) }).nodeName).toBe('🍏'.repeat(50))
    expect(() => fitAnnouncement({ ...announcement, clusterName: 'x'.repeat(201) })).toThrow(
      expect.objectContaining({ code: 'cluster-name-too-long' }),
    )
  })
})
