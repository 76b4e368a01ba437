import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MacLayout, macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { get, post } from '../node/call-api.ts'
import { MacDesk } from './mac-desk.ts'
import { linksOfMatrix, type PreviewView, rdmaLinksOf } from './read-view.ts'
import { shareModels, type SharedModels } from './shared-models.ts'

let models: SharedModels
beforeAll(async () => void (models = await shareModels()))
afterAll(() => models.remove())

const start = (layout: MacLayout): Promise<MacDesk> => MacDesk.start(macLayouts[layout], { modelsDir: models.modelsDir })

/** Waits until every node shows exactly these links. */
const whenLinked = (desk: MacDesk, links: readonly string[]): Promise<ClusterView> =>
  desk.when(`RDMA links ${links.join(', ')}`, (view) => rdmaLinksOf(view).join() === [...links].sort().join())

/** The pipeline previews over `nodeCount` nodes. */
async function previewsOver(desk: MacDesk, nodeCount: number): Promise<{ jaccl: PreviewView; ring: PreviewView }> {
  const { body } = await get(desk.apiUrl, `/instance/previews?model_id=${encodeURIComponent(models.model)}`)
  const previews = (body.previews as PreviewView[]).filter(
    ({ strategy, shards, minNodes }) => strategy === 'pipeline' && (shards?.length ?? minNodes) === nodeCount,
  )
  const over = (backend: string): PreviewView => {
    const found = previews.find((preview) => preview.backend === backend)
    if (!found) throw new Error(`no preview of ${backend} over ${nodeCount}: ${JSON.stringify(body)}`)
    return found
  }
  return { jaccl: over('jaccl'), ring: over('ring') }
}

/** The missing links in a refusal. Nodes are sorted by id, so a pair may appear in either order. */
function missingOf({ error = '' }: PreviewView): string[] {
  const [, list = error] = /^JACCL is not possible here: (.*)\. Fix that, or omit --backend jaccl to use TCP\.$/.exec(error) ?? []
  const inOrder = (reason: string): string =>
    reason.replace(/(studio-\d) and (studio-\d)/, (_, a: string, b: string) => [a, b].sort().join(' and '))
  return list.split('; ').map(inOrder).sort()
}

const both = (...cables: readonly (readonly [number, string, number, string])[]): string[] =>
  cables.flatMap(([a, deviceOnA, b, deviceOnB]) => [`${a} rdma_${deviceOnA} ${b}`, `${b} rdma_${deviceOnB} ${a}`])
const mesh = both(
  [1, 'en3', 2, 'en3'],
  [1, 'en4', 3, 'en3'],
  [1, 'en5', 4, 'en3'],
  [2, 'en4', 3, 'en4'],
  [2, 'en5', 4, 'en4'],
  [3, 'en5', 4, 'en5'],
)
const without = (number: number): string[] => mesh.filter((link) => !link.startsWith(`${number} `) && !link.endsWith(` ${number}`))
const ring = both([1, 'en3', 2, 'en3'], [2, 'en4', 3, 'en3'], [3, 'en4', 4, 'en3'], [4, 'en4', 1, 'en4'])
const chain = both([1, 'en3', 2, 'en3'], [2, 'en4', 3, 'en3'], [3, 'en4', 4, 'en3'])
const star = both([1, 'en3', 2, 'en3'], [1, 'en4', 3, 'en3'], [1, 'en5', 4, 'en3'])

describe('four Macs', () => {
  let desk: MacDesk
  beforeAll(async () => void (desk = await start('four Macs, full mesh')))
  afterAll(() => desk?.stop())

  it.each<[MacLayout, transport: 'JACCL mesh' | 'JACCL ring', readonly string[]]>([
    ['four Macs, full mesh', 'JACCL mesh', mesh],
    ['four Macs, ring', 'JACCL ring', ring],
  ])('%s: links both ways, and the matrix of a %s', async (layout, transport, links) => {
    await desk.replug(macLayouts[layout])
    const view = await whenLinked(desk, links)
    const { jaccl } = await previewsOver(desk, 4)
    expect(jaccl).toMatchObject({ backend: 'jaccl', jacclRing: transport === 'JACCL ring' })
    expect(jaccl.rdmaMatrix?.map((row) => row.length)).toEqual([4, 4, 4, 4])
    expect(jaccl.rdmaMatrix?.map((row, rank) => row[rank])).toEqual([null, null, null, null])
    expect(linksOfMatrix(jaccl, view)).toEqual([...links].sort())
    const notMesh = expect.objectContaining({
      from: 'JACCL mesh',
      to: 'JACCL ring',
      reason: expect.stringMatching(/^no cable between studio-\d and studio-\d; no cable between studio-\d and studio-\d$/),
    })
    expect(jaccl.fallbacks).toEqual(transport === 'JACCL ring' ? [notMesh] : [])
  })

  it.each<[MacLayout, readonly string[], missing: readonly string[]]>([
    [
      'four Macs, daisy chain',
      chain,
      ['no cable between studio-1 and studio-3', 'no cable between studio-1 and studio-4', 'no cable between studio-2 and studio-4'],
    ],
    [
      'four Macs, star',
      star,
      ['no cable between studio-2 and studio-3', 'no cable between studio-2 and studio-4', 'no cable between studio-3 and studio-4'],
    ],
    ['four Macs, full mesh, RDMA off on one', without(3), ['rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)']],
    ['four Macs, full mesh, one on macOS 26.1', without(2), ['macOS 26.1 < 26.2 on studio-2']],
    [
      'four Macs, full mesh, bridge on one',
      without(4),
      ['Thunderbolt bridge active on studio-4 (bridge0: exo thunderbolt plan shows how to turn it off)'],
    ],
  ])('%s: what is missing for JACCL over all of them', async (layout, links, missing) => {
    await desk.replug(macLayouts[layout])
    const view = await whenLinked(desk, links)
    // For a moment, only one end has noticed that a cable was unplugged.
    await expect.poll(async () => missingOf((await previewsOver(desk, 4)).jaccl), { timeout: 10_000 }).toEqual([...missing].sort())
    const { jaccl, ring: overTcp } = await previewsOver(desk, 4)
    expect(jaccl).toMatchObject({ backend: 'jaccl', minNodes: 4 })
    expect(overTcp).toMatchObject({ backend: 'ring', rdmaMatrix: null })
    // Two of them still have a cable.
    const { jaccl: pair } = await previewsOver(desk, 2)
    expect(rdmaLinksOf(view)).toEqual(expect.arrayContaining(linksOfMatrix(pair, view)))
    expect(linksOfMatrix(pair, view)).toHaveLength(2)
  })

  it('loses both directions of a cable when either end is unplugged', async () => {
    await desk.replug(macLayouts['four Macs, full mesh'])
    await whenLinked(desk, mesh)
    // Only studio-2 reports its first cable as unplugged; studio-1 has not checked yet.
    const [first, , ...rest] = macLayouts['four Macs, full mesh']
    const unplugged = macLayouts['four Macs, full mesh'][1]!
    const buses = (unplugged.systemProfiler as { SPThunderboltDataType: Record<string, unknown>[] }).SPThunderboltDataType
    const systemProfiler = {
      SPThunderboltDataType: buses.map(({ _items: items, ...bus }, index) =>
        index === 1 ? bus : { ...bus, ...(items ? { _items: items } : {}) },
      ),
    }
    await desk.replug([first!, { ...unplugged, systemProfiler }, ...rest])
    await whenLinked(
      desk,
      mesh.filter((link) => link !== '1 rdma_en3 2' && link !== '2 rdma_en3 1'),
    )
    await desk.replug(macLayouts['four Macs, full mesh'])
    await whenLinked(desk, mesh)
  })

  it('continues if a Mac reports something unknown', async () => {
    const [first, ...rest] = macLayouts['four Macs, full mesh']
    await desk.replug([{ ...first!, systemProfiler: 'Thunderbolt: ninety-nine', ibvDevices: '???', ifconfig: '' }, ...rest])
    await whenLinked(desk, without(1))
    await desk.replug(macLayouts['four Macs, full mesh'])
    await whenLinked(desk, mesh)
  })
})

describe('two Macs', () => {
  let desk: MacDesk
  beforeAll(async () => void (desk = await start('two Macs')))
  afterAll(() => desk?.stop())

  it.each<[MacLayout, readonly string[], matrix: readonly (readonly unknown[])[]]>([
    [
      'two Macs',
      both([1, 'en3', 2, 'en3']),
      [
        [null, 'rdma_en3'],
        ['rdma_en3', null],
      ],
    ],
    [
      'two Macs, two cables',
      both([1, 'en3', 2, 'en3'], [1, 'en4', 2, 'en4']),
      [
        [null, ['rdma_en3', 'rdma_en4']],
        [['rdma_en3', 'rdma_en4'], null],
      ],
    ],
  ])('%s', async (layout, links, matrix) => {
    await desk.replug(macLayouts[layout])
    await whenLinked(desk, links)
    expect((await previewsOver(desk, 2)).jaccl).toMatchObject({ jacclRing: false, rdmaMatrix: matrix, fallbacks: [] })
  })

  it('two Macs, a hub between', async () => {
    await desk.replug(macLayouts['two Macs, a hub between'])
    const view = await whenLinked(desk, both([1, 'en3', 2, 'en4']))
    expect(linksOfMatrix((await previewsOver(desk, 2)).jaccl, view)).toEqual(both([1, 'en3', 2, 'en4']).sort())
  })

  it.each<[MacLayout, reason: RegExp]>([
    [
      'two Macs, Thunderbolt 4',
      /JACCL is not possible here: cable between studio-\d and studio-\d runs at 40 Gb\/s: RDMA needs Thunderbolt 5 ports and cable\. /,
    ],
    ['two Macs, a dead port', /JACCL is not possible here: rdma_en3 is down on studio-2\. /],
    [
      'two Macs, the socket next to Ethernet',
      /rdma_en2 is down on studio-1: the port next to Ethernet does not support RDMA, move the cable to another\. /,
    ],
  ])('%s: no link, and why', async (layout, reason) => {
    await desk.replug(macLayouts['two Macs'])
    await whenLinked(desk, both([1, 'en3', 2, 'en3']))
    await desk.replug(macLayouts[layout])
    await whenLinked(desk, [])
    await expect.poll(async () => (await previewsOver(desk, 2)).jaccl.error, { timeout: 10_000 }).toMatch(reason)
    const { ring: overTcp } = await previewsOver(desk, 2)
    expect(overTcp).toMatchObject({ backend: 'ring', rdmaMatrix: null })
  })
})

it('one Mac is alone', async () => {
  const desk = await start('one Mac')
  try {
    await whenLinked(desk, [])
    const { body } = await get(desk.apiUrl, `/instance/previews?model_id=${encodeURIComponent(models.model)}`)
    const previews = body.previews as PreviewView[]
    expect(previews.filter(({ error }) => error === undefined).map(({ backend }) => backend)).toEqual(['local'])
    expect(previews.find(({ backend }) => backend === 'jaccl')?.error).toMatch(/2 nodes were requested, but there are only 1/)
    // The list of models and the dialog of a placement tell the same speed.
    const local = body.previews as { speed?: { decode: { tokensPerSecond: unknown }[] } }[]
    const { body: expected } = await post(desk.apiUrl, '/models/speeds', { models: [models.model, 'org/none'] })
    expect(expected).toEqual({ speeds: { [models.model]: { machines: 1, tokensPerSecond: local[0]?.speed?.decode[0]?.tokensPerSecond } } })
  } finally {
    await desk.stop()
  }
})

describe('eight Macs', () => {
  let desk: MacDesk
  beforeAll(async () => void (desk = await start('eight Macs, full mesh')))
  afterAll(() => desk?.stop())

  const pairs = Array.from({ length: 8 }, (_, a) => Array.from({ length: 7 - a }, (_, b): [number, number] => [a + 1, a + b + 2])).flat()
  const noCables = (missing: readonly (readonly [number, number])[]): string[] =>
    missing.map(([a, b]) => `no cable between studio-${a} and studio-${b}`)
  const besides = (number: number): [number, number][] => pairs.filter((pair) => !pair.includes(number))
  /** Waits until every node shows links both ways between exactly these Macs. */
  const whenJoined = (joined: readonly (readonly [number, number])[]): Promise<ClusterView> => {
    const expected = joined
      .flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`])
      .sort()
      .join()
    return desk.when(
      `RDMA links between ${expected}`,
      (view) =>
        rdmaLinksOf(view)
          .map((link) => link.replace(/ \S+ /, ' '))
          .sort()
          .join() === expected,
    )
  }

  it.each<[MacLayout, jacclRing: boolean, joined: readonly (readonly [number, number])[]]>([
    ['eight Macs, full mesh', false, pairs],
    ['eight Macs, ring', true, pairs.filter(([a, b]) => b - a === 1 || b - a === 7)],
  ])('%s: the matrix of all of them', async (layout, jacclRing, joined) => {
    await desk.replug(macLayouts[layout])
    const view = await whenJoined(joined)
    await expect.poll(async () => (await previewsOver(desk, 8)).jaccl.jacclRing, { timeout: 30_000 }).toBe(jacclRing)
    expect(linksOfMatrix((await previewsOver(desk, 8)).jaccl, view)).toEqual(rdmaLinksOf(view))
  })

  it.each<[MacLayout, joined: readonly (readonly [number, number])[], missing: readonly string[]]>([
    ['eight Macs, daisy chain', pairs.filter(([a, b]) => b - a === 1), noCables(pairs.filter(([a, b]) => b - a > 1))],
    ['eight Macs, star', pairs.filter(([a]) => a === 1), noCables(pairs.filter(([a]) => a > 1))],
    ['eight Macs, full mesh, RDMA off on one', besides(3), ['rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)']],
    ['eight Macs, full mesh, one on macOS 26.1', besides(2), ['macOS 26.1 < 26.2 on studio-2']],
    [
      'eight Macs, full mesh, bridge on one',
      besides(4),
      ['Thunderbolt bridge active on studio-4 (bridge0: exo thunderbolt plan shows how to turn it off)'],
    ],
  ])('%s: what is missing for JACCL over all of them', async (layout, joined, missing) => {
    await desk.replug(macLayouts[layout])
    await whenJoined(joined)
    await expect.poll(async () => missingOf((await previewsOver(desk, 8)).jaccl), { timeout: 30_000 }).toEqual([...missing].sort())
    expect((await previewsOver(desk, 8)).ring).toMatchObject({ backend: 'ring', rdmaMatrix: null })
  })
})
