import { describe, expect, it } from 'vitest'
import type { ThunderboltPort } from '../../shared/hardware.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import { applyEvent } from './replication/apply-event.ts'
import { after, aNode, cable } from './__fixtures__/builders.ts'
import { rdmaLinkEvents } from './rdma-link-events.ts'
import { reportToEvents } from './report-to-events.ts'

const port = (domainUuid: string, ...peerDomainUuids: string[]): ThunderboltPort => ({
  receptacle: '2',
  deviceName: 'en3',
  rdmaDevice: 'rdma_en3',
  domainUuid,
  peerDomainUuids,
  gigabitsPerSecond: 80,
  portState: 'active',
})
const joined = (node: NodeFacts) => ({ type: 'node-joined' as const, node })
const a = aNode('a', { thunderboltPorts: [port('uuid-a', 'uuid-b')] })
const b = aNode('b', { thunderboltPorts: [port('uuid-b', 'uuid-a')] })

describe('rdmaLinkEvents', () => {
  const links = cable('a', 'rdma_en3', 'b', 'rdma_en3').map((link) => ({ ...link, peerDevice: 'rdma_en3' }))
  const plugged = after(joined(a), joined(b))

  it('finds a cable that both ends see, once', () => {
    const events = rdmaLinkEvents(plugged)
    expect(events).toEqual(links.map((link) => ({ type: 'link-observed', link })))
    expect(rdmaLinkEvents(after(joined(a), joined(b), ...events))).toEqual([])
  })
  it('waits for both ends', () => {
    expect(rdmaLinkEvents(after(joined(a)))).toEqual([])
    expect(rdmaLinkEvents(after(joined(a), joined(aNode('b'))))).toEqual([])
  })
  it('follows a cable that was moved at the other end', () => {
    const moved = aNode('b', {
      thunderboltPorts: [port('uuid-b'), { ...port('uuid-b2', 'uuid-a'), deviceName: 'en4', rdmaDevice: 'rdma_en4' }],
    })
    const nowHere = aNode('a', { thunderboltPorts: [port('uuid-a', 'uuid-b2')] })
    const after4 = after(joined(a), joined(b), ...rdmaLinkEvents(plugged), joined(nowHere), joined(moved))
    const events = rdmaLinkEvents(after4)
    expect(events.map((event) => event.type)).toEqual(['link-lost', 'link-observed', 'link-observed'])
    expect(rdmaLinkEvents(events.reduce(applyEvent, after4))).toEqual([])
  })
  it('drops both directions when one end is unplugged, and not because a report names only TCP links', () => {
    const linked = after(joined(a), joined(b), ...rdmaLinkEvents(plugged))
    expect(reportToEvents(linked, { node: a, links: [], shards: [], storedModels: [] })).toEqual([])
    const unplugged = after(joined(a), joined(b), ...rdmaLinkEvents(plugged), joined(aNode('b', { thunderboltPorts: [port('uuid-b')] })))
    expect(rdmaLinkEvents(unplugged)).toEqual(links.map((link) => ({ type: 'link-lost', link })))
  })
})
