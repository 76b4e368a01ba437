import { describe, expect, it } from 'vitest'
import { rdmaObstacle } from '../topology/rdma-obstacle.ts'
import { transportObstacles, joinReasons, TRANSPORTS } from './layout/transport.ts'
import { NodeId } from '../../shared/ids.ts'
import type { TopologyNode } from '../../shared/topology.ts'
import { germanReason } from '../../shared/formats/german-reasons.ts'

const node = (name: string, rdma: string, more: object = {}): TopologyNode =>
  ({ name, platform: 'darwin', osVersion: '26.2', rdma, totalBytes: 1, availableBytes: 1, ...more }) as never
const states: readonly TopologyNode[] = [
  node('studio 1', 'disabled'),
  node('studio 1', 'unknown'),
  node('studio 1', 'absent'),
  node('studio 1', 'enabled', { osVersion: '15.1' }),
  node('studio 1', 'enabled', { thunderboltBridge: 'bridge0' }),
]
const ENGLISH = /\b(the|on|between|is|and|instead|no|not|are|has)\b/

describe('obstacles of a placement in German', () => {
  it('of machines without RDMA', () => {
    for (const state of states) {
      const english = rdmaObstacle(NodeId.parse('a'), state) ?? ''
      expect(english).not.toBe('')
      expect(germanReason(english)).not.toMatch(ENGLISH)
      expect(germanReason(english)).toContain('studio 1')
    }
  })

  it('of each transport that machines without links cannot use, also when many are joined', () => {
    const nodes = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`n${index}`, node(`studio-${index}`, 'enabled')]))
    for (const transport of TRANSPORTS) {
      for (const count of [3, 12]) {
        const nodeIds = Object.keys(nodes)
          .slice(0, count)
          .map((id) => NodeId.parse(id))
        const reasons = transportObstacles(transport, { nodes, links: [] }, nodeIds)
        expect(reasons.length).toBeGreaterThan(0)
        expect(germanReason(`TCP ring instead of JACCL mesh: ${joinReasons(reasons)}`)).not.toMatch(ENGLISH)
      }
    }
  })
})
