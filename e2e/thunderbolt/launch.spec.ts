import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readJacclAsMlx, readRingAsMlx } from '../../main/domain/launch/__fixtures__/read-as-mlx.ts'
import { type MacLayout, macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { hashedName } from '../../main/platform/files/hashed-name.ts'
import type { ClusterView, InstanceView } from '../../main/shared/cluster-view.ts'
import { post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { MacDesk } from './mac-desk.ts'
import { linksOfMatrix, rdmaLinksOf } from './read-view.ts'
import { shareModels, type SharedModels } from './shared-models.ts'
import { type WorkerEnvironment, WorkerEnvironments } from './worker-environments.ts'

const filesOf = ({ files }: WorkerEnvironment): Map<string, string> => new Map(Object.entries(files))

/** Variables that a shell may have from earlier use of MLX. No worker may see them. */
const STRAY_VARIABLES = { MLX_RANK: '7', MLX_JACCL_RING: '1', JACCL_DEBUG: '1' }

/** This machine has no Thunderbolt, so JACCL fails to start. Checks that its settings are correct and that TCP takes over. */
describe('a model placed over JACCL', () => {
  let models: SharedModels
  let environments: WorkerEnvironments
  let desk: MacDesk | null = null
  beforeAll(async () => {
    models = await shareModels()
    environments = await WorkerEnvironments.record()
  })
  afterEach(async () => {
    await desk?.stop()
    desk = null
    await environments.clear()
  })
  afterAll(async () => {
    await environments?.remove()
    await models?.remove()
  })

  async function place(
    layout: MacLayout,
    linkCount: number,
  ): Promise<{ desk: MacDesk; placed: InstanceView & { instanceId: string }; view: ClusterView }> {
    desk = await MacDesk.start(macLayouts[layout], { modelsDir: models.modelsDir, env: { ...environments.env, ...STRAY_VARIABLES } })
    const view = await desk.when(`${linkCount} RDMA links`, (seen) => rdmaLinksOf(seen).length === linkCount)
    const { status, body } = await post(desk.apiUrl, '/place_instance', {
      model_id: models.model,
      sharding: 'pipeline',
      min_nodes: macLayouts[layout].length,
    })
    expect({ status, backend: body.backend, strategy: body.strategy }).toEqual({ status: 200, backend: 'jaccl', strategy: 'pipeline' })
    return { desk, placed: body, view }
  }

  it.each<[MacLayout, 'jaccl-mesh' | 'jaccl-ring', number]>([
    ['four Macs, full mesh', 'jaccl-mesh', 12],
    ['four Macs, ring', 'jaccl-ring', 8],
  ])('%s: gives every rank exactly the environment of a %s, falls back to TCP and serves', async (layout, kind, linkCount) => {
    const { desk: nodes, placed, view } = await place(layout, linkCount)
    const placedMs = performance.now()
    const instanceOf = (seen: ClusterView): InstanceView | undefined => seen.instances[placed.instanceId as keyof typeof seen.instances]
    const ready = instanceOf(await nodes.when('ready', (seen) => ['ready', 'failed'].includes(instanceOf(seen)?.status ?? ''), 90_000))
    reportFigure(`${layout}: from JACCL placed to TCP serving`, (performance.now() - placedMs) / 1000, 's')

    const matrix = placed.rdmaMatrix
    expect(linksOfMatrix({ ...placed, shards: placed.shards }, view)).toEqual(rdmaLinksOf(view))
    const overJaccl = await environments.of('MLX_IBV_DEVICES')
    const coordinator = overJaccl[0]?.variables['MLX_JACCL_COORDINATOR'] ?? ''
    expect(coordinator).toMatch(/^127\.0\.0\.1:\d+$/)
    // A rank may be stopped before it has started, because another one failed.
    expect(overJaccl.length).toBeGreaterThanOrEqual(1)
    for (const worker of overJaccl) {
      const rank = Number(worker.variables['MLX_RANK'])
      const path =
        `${nodes.dataDir(numberOf(view, placed.shards[rank]?.nodeId))}` + `/groups/${hashedName(placed.instanceId)}/1-${rank}/devices.json`
      expect(worker).toEqual({
        startedAtMs: expect.any(Number),
        variables: {
          MLX_IBV_DEVICES: path,
          MLX_RANK: String(rank),
          MLX_JACCL_COORDINATOR: coordinator,
          MLX_IBV_COORDINATOR: coordinator,
          ...(kind === 'jaccl-ring' ? { MLX_JACCL_RING: '1' } : {}),
        },
        files: { [path]: JSON.stringify(matrix) },
      })
      const group = readJacclAsMlx(worker.variables, filesOf(worker))
      expect({ kind: group.kind, rank: group.rank, size: group.size }).toEqual({ kind, rank, size: 4 })
    }

    expect(ready).toMatchObject({ status: 'ready', backend: 'ring', epoch: 2, rdmaMatrix: null, strategy: 'pipeline' })
    expect(ready?.shards.map(({ nodeId, rank, layers }) => ({ nodeId, rank, layers }))).toEqual(
      placed.shards.map(({ nodeId, rank, layers }) => ({ nodeId, rank, layers })),
    )
    const transport = kind === 'jaccl-ring' ? 'JACCL ring' : 'JACCL mesh'
    expect(ready?.reasons).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          new RegExp(`^TCP ring instead of ${transport}: rank \\d: the ranks of this instance could not connect over jaccl: `),
        ),
      ]),
    )
    const rings = (await environments.of('MLX_HOSTFILE')).map((worker) => readRingAsMlx(worker.variables, filesOf(worker)))
    expect(rings.map(({ rank, size }) => [rank, size])).toEqual([
      [0, 4],
      [1, 4],
      [2, 4],
      [3, 4],
    ])
    // MLX connects only to its own process; the engine connects it to the other ranks.
    const ends = rings.flatMap(({ listensOn, connectsTo }) => [...listensOn, ...connectsTo])
    expect(ends.map(({ host }) => host)).toEqual(Array.from({ length: 8 }, () => '127.0.0.1'))
    expect(new Set(ends.map(({ port }) => port)).size).toBe(8)

    const answer = await post(nodes.apiUrl, '/v1/chat/completions', {
      model: models.model,
      temperature: 0,
      max_tokens: 12,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
    })
    expect(answer.body.choices?.[0]?.message.content).toContain('Paris')
  })
})

function numberOf(view: ClusterView, nodeId: keyof ClusterView['nodes'] | undefined): number {
  return Number(view.nodes[nodeId ?? ('' as keyof typeof view.nodes)]?.name.replace('studio-', ''))
}
