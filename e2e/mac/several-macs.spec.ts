import { describe, expect, it } from 'vitest'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { get } from '../node/call-api.ts'
import { runExo } from '../node/run-exo.ts'

/** A node that this user runs, in a cluster with the other Macs, such as http://127.0.0.1:8080. */
const apiUrl = process.env['EXO_MAC_CLUSTER']
const TRIAL_LIMIT_MS = 1_800_000

/** `EXO_MAC_CLUSTER=http://127.0.0.1:8080 npm test -- mac`, while exo runs on every Mac. */
describe.skipIf(apiUrl === undefined)('several Macs', () => {
  const view = async (): Promise<ClusterView> => (await get(apiUrl!, '/state')).body as ClusterView

  it('are one cluster', async () => {
    const { nodes, leader } = await view()
    expect(Object.keys(nodes).length).toBeGreaterThan(1)
    expect(leader).not.toBeNull()
  })

  it('have an RDMA device at both ends of each cable that has one', async () => {
    const ends = (await view()).links.filter(({ kind }) => kind === 'rdma').map(({ from, to }) => `${from} ${to}`)
    expect(ends.map((end) => end.split(' ').toReversed().join(' ')).toSorted()).toEqual(ends.toSorted())
  })

  it(
    'pass the trial of exo doctor: the model is split in every way that is possible, and each answers',
    async () => {
      const { stdout } = await runExo(['doctor', '--full', '--json'], { timeoutMs: TRIAL_LIMIT_MS })
      const { checks } = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as {
        checks: { id: string; state: string; finding: string }[]
      }
      const splits = checks.filter(({ id }) => id.startsWith('trial-split-'))
      expect(splits.length).toBeGreaterThan(0)
      expect(checks.filter(({ state }) => state === 'problem').map(({ id, finding }) => `${id}: ${finding}`)).toEqual([])
      const hasRdma = (await view()).links.some(({ kind }) => kind === 'rdma')
      if (hasRdma) expect(splits.map(({ id }) => id)).toContain('trial-split-pipeline-jaccl')
    },
    TRIAL_LIMIT_MS,
  )
})
