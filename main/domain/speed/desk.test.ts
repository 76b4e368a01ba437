import { describe, expect, it } from 'vitest'
import { Desk, deskTopology } from './desk.ts'

describe('deskTopology', () => {
  const machines = { studio: { chip: 'M3 Ultra', memoryGigabytes: 96 }, tower: { chip: 'Ryzen', memoryGigabytes: 64 } }

  it('connects all machines by their network, and some by cables', () => {
    const topology = deskTopology(Desk.parse({ machines, network: 'wifi', cables: [{ between: ['studio', 'tower'], kind: 'rdma' }] }))
    expect(topology.links.map(({ kind, from, to }) => `${kind} ${from} ${to}`).sort()).toEqual(
      ['rdma studio tower', 'rdma tower studio', ...Array(2).fill('tcp studio tower'), ...Array(2).fill('tcp tower studio')].sort(),
    )
    expect(topology.nodes['studio' as never]).toMatchObject({ platform: 'darwin', availableBytes: 72 * 2 ** 30 })
    expect(topology.nodes['tower' as never]).toMatchObject({ platform: 'linux' })
  })

  it.each([
    ['no machines', {}],
    ['a field that it does not know', { machines, cable: [] }],
    ['memory without a size', { machines: { a: { chip: 'M4', memoryGigabytes: '16' } } }],
  ])('refuses %s', (_, desk) => {
    expect(Desk.safeParse(desk).success).toBe(false)
  })
})
