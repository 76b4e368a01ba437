// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { joinStrings } from '../join/strings.ts'
import { membershipOf } from '../join/__fixtures__/membership-of.ts'
import { ClusterViewPage } from './ClusterViewPage.tsx'
import { clusterStrings } from './strings.ts'

afterEach(clearView)

const node = (name: string) => ({ name, platform: 'darwin', chip: 'M4', totalBytes: 10, availableBytes: 5, addresses: [], version: '1' })

function renderCluster(nodes: object, log: object[] = []): void {
  useClusterStore.setState({
    view: { nodeId: 'a', clusterName: 'default', leader: null, nodes, links: [], instances: {}, downloads: [] } as never,
    membership: membershipOf({ clusterName: 'default' }),
  })
  renderView(<ClusterViewPage />, { 'GET /activity': { activity: log } })
}

it('B37: a machine that is alone is not asked to leave', () => {
  renderCluster({ a: node('one') })
  expect(screen.queryByRole('button', { name: joinStrings.leave })).toBeNull()
  clearView()
  renderCluster({ a: node('one'), b: node('two') })
  expect(screen.getByRole('button', { name: joinStrings.leave })).toBeTruthy()
})

it('B15: a machine that left stays in the list as offline, with its time', async () => {
  const left = { id: 1, kind: 'machine-left', subject: 'studio-2', nodeId: 'b', machine: null, message: null, atMs: Date.now() }
  renderCluster({ a: node('one') }, [left])
  const row = (await screen.findByText('studio-2')).closest('tr')
  expect(row?.textContent).toContain(clusterStrings.offline)
  expect(row?.textContent).toMatch(/\d\d:\d\d/)
})

it('F19: shows what the sensors of a machine tell, and nothing of one that tells nothing', async () => {
  renderCluster({
    a: { ...node('one'), sensors: { gpuRatio: 0.43, watts: 85, celsius: 61 } },
    b: { ...node('two'), sensors: { celsius: 40 } },
  })
  expect((await screen.findAllByText('one', { selector: '.node-title' }))[0]?.closest('tr')?.textContent).toContain(
    'GPU 43% · 85 W · 61 °C',
  )
  expect(screen.getAllByText('two', { selector: '.node-title' })[0]?.closest('tr')?.textContent).toMatch(/[^·] ?40 °C/)
})
