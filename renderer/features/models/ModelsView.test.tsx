// @vitest-environment happy-dom
import { act, screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { catalogueRow } from './__fixtures__/catalogue-row.ts'
import { ModelsView } from './ModelsView.tsx'
import { modelStrings as labels } from './strings.ts'

afterEach(clearView)

const GIB = 2 ** 30
const models = [
  catalogueRow('org/tiny-4bit', GIB),
  catalogueRow('org/tiny-8bit', 2 * GIB, { bits: 8 }),
  catalogueRow('org/mine', 2 * GIB, { isHere: true, isOurs: true }),
  catalogueRow('org/ready', GIB, { isHere: true, loaded: true, contextTokens: 8192 }),
  catalogueRow('org/huge', 900 * GIB),
]
const node = (name: string) => ({ name, totalBytes: 32 * GIB, availableBytes: 20 * GIB })

async function renderModels(answers: NodeAnswers = {}, view: object = {}) {
  const whole = { nodeId: 'a', nodes: { a: node('studio-1') }, instances: {}, downloads: [], ...view }
  useClusterStore.setState({ view: whole as never })
  const rendered = renderView(<ModelsView />, { 'GET /models/catalogue': { models }, ...answers })
  await screen.findAllByRole('listitem')
  const inRow = (name: string) => within(screen.getByRole('listitem', { name }))
  const changes = () => rendered.sent.filter(({ route }) => !route.startsWith('GET') && route !== 'POST /models/speeds')
  const openMenu = async (name: string, item: string) => {
    await rendered.user.click(inRow(name).getByRole('button', { name: labels.actionsOf(name) }))
    await rendered.user.click(screen.getByRole('menuitem', { name: item }))
  }
  return { ...rendered, inRow, changes, openMenu }
}
const search = () => screen.getByLabelText(labels.search)
const section = (name: string) => within(screen.getByRole('region', { name }))

describe('the Models page', () => {
  it('has sections: loaded, here, recommended, and too big folded away', async () => {
    await renderModels()
    expect(section(labels.sections.loaded).getByRole('heading', { name: /ready/ })).toBeTruthy()
    expect(section(labels.sections.here).getByRole('heading', { name: /mine/ })).toBeTruthy()
    expect(section(labels.sections.fitting('20.0 GiB')).getAllByRole('listitem', { name: 'tiny' })).toHaveLength(1)
    expect(screen.getByText(labels.sections.tooBig(1)).closest('details')?.open).toBe(false)
  })
  it('names the license of a model, and says if it only takes text here', async () => {
    const [plain, multimodal] = [catalogueRow('org/plain', GIB), catalogueRow('org/seeing', GIB)]
    const card = { ...multimodal.card, license: 'mit', isMultimodal: true }
    const { inRow } = await renderModels({ 'GET /models/catalogue': { models: [plain, { ...multimodal, card }] } })
    expect(inRow('seeing').getByText(labels.license('mit'))).toBeTruthy()
    expect(inRow('seeing').getByText(labels.textOnly).title).toBe(labels.textOnlyHint)
    expect(inRow('plain').queryByText(labels.textOnly)).toBeNull()
  })
  it('marks a model that only the cluster describes', async () => {
    const rows = [catalogueRow('org/plain', GIB), catalogueRow('org/told', GIB, { loaded: true, origin: 'cluster' })]
    const { inRow } = await renderModels({ 'GET /models/catalogue': { models: rows } })
    expect(inRow('told').getByText(labels.fromCluster).title).toBe(labels.fromClusterHint)
    expect(inRow('plain').queryByText(labels.fromCluster)).toBeNull()
  })
  it('gives each model one next step, and says what it costs', async () => {
    const { user, inRow, changes } = await renderModels({ 'POST /place_instance': {} })
    await user.click(inRow('ready').getByRole('button', { name: labels.chat }))
    expect(useSettingsStore.getState().lastModelId).toBe('org/ready')
    await user.click(inRow('mine').getByRole('button', { name: labels.load }))
    await user.click(inRow('tiny').getByRole('button', { name: '4-bit' }))
    await user.click(inRow('tiny').getByRole('button', { name: labels.get('1.1 GB') }))
    expect(changes()).toEqual([
      { route: 'POST /place_instance', body: { model_id: 'org/mine' } },
      { route: 'POST /place_instance', body: { model_id: 'org/tiny-4bit' } },
    ])
  })
  it('F4: tells how long a download takes, once the speed of downloads is known', async () => {
    const { inRow } = await renderModels()
    act(() => useSettingsStore.setState({ hubBytesPerSecond: 6e6 }))
    expect(inRow('tiny').getByRole('button', { name: 'Get · 2.1 GB, 6 min' })).toBeTruthy()
    act(() => useSettingsStore.setState({ hubBytesPerSecond: null }))
    expect(inRow('tiny').getByRole('button', { name: 'Get · 2.1 GB' })).toBeTruthy()
  })
  it('F4: tells the expected speed of the models on the screen, asked for in one request', async () => {
    const seen: { tell: IntersectionObserverCallback; place: Element }[] = []
    class Observer {
      observe: (place: Element) => void
      constructor(tell: IntersectionObserverCallback) {
        this.observe = (place) => seen.push({ tell, place })
      }
      disconnect = () => undefined
    }
    vi.stubGlobal('IntersectionObserver', Observer)
    const speeds = { 'org/mine': { machines: 2, tokensPerSecond: { low: 17.6, likely: 21, high: 25.2 } } }
    const { inRow, sent } = await renderModels({ 'POST /models/speeds': { speeds } })
    const asked = () => sent.filter(({ route }) => route === 'POST /models/speeds').map(({ body }) => body)
    expect(asked()).toEqual([])
    for (const { tell, place } of seen) tell([{ isIntersecting: true, target: place } as never], {} as never)
    const speed = await inRow('mine').findByText(labels.speed.rate('18', '25'))
    expect(speed.title).toBe(labels.speed.expected('2 machines'))
    // A model that is loaded has its measured speed, and one that is too big has none.
    expect(asked()).toEqual([{ models: ['org/mine', 'org/tiny-8bit'] }])
    expect(inRow('tiny').queryByText(/tok\/s/)).toBeNull()
    vi.unstubAllGlobals()
  })
  it('B45: says how much of its context a loaded model has', async () => {
    const { inRow } = await renderModels()
    expect(inRow('ready').getByText(labels.contextOf('8K', '128K'))).toBeTruthy()
    expect(inRow('mine').getByText(labels.context('128K'))).toBeTruthy()
  })
  it('B16: says that a model has failed and why, or that it recovers', async () => {
    const instance = (modelId: string, status: string, reasons: string[] = []) => ({
      modelId,
      status,
      reasons,
      shards: [],
      decodeTokensPerSecond: null,
    })
    const { inRow } = await renderModels(
      {},
      { instances: { i: instance('org/mine', 'failed', ['No memory.']), j: instance('org/tiny-8bit', 'recovering') } },
    )
    expect(inRow('mine').getByText(labels.states.failed)).toBeTruthy()
    expect(inRow('mine').getByText('No memory.')).toBeTruthy()
    expect(inRow('mine').getByRole('button', { name: labels.load })).toBeTruthy()
    expect(inRow('tiny').getByText(labels.states.recovering)).toBeTruthy()
    expect(inRow('tiny').queryByRole('button', { name: /^(Load|Get)/ })).toBeNull()
  })
  it('shows why a model cannot be loaded in its own row', async () => {
    const { user, inRow } = await renderModels({ 'POST /place_instance': refusal(409, 'placement-impossible', 'It needs 3 GiB more.') })
    await user.click(inRow('mine').getByRole('button', { name: labels.load }))
    expect(await inRow('mine').findByText('It needs 3 GiB more.')).toBeTruthy()
  })
  it('downloads only, on demand', async () => {
    const { openMenu, changes } = await renderModels({ 'POST /models/download': {} })
    await openMenu('tiny', labels.downloadOnly)
    expect(changes()).toEqual([{ route: 'POST /models/download', body: { model: 'org/tiny-8bit' } }])
  })
  it('downloads to another machine of the cluster, and says that it has the model', async () => {
    const nodes = { a: node('studio-1'), b: node('studio-2'), c: node('mini'), d: node('air') }
    const coming = { id: 'x', modelId: 'org/mine', nodeId: 'd', status: 'paused' }
    const answers = { 'POST /models/download': { modelId: 'org/mine', download: null } }
    const { user, inRow, openMenu, changes } = await renderModels(answers, { nodes, downloads: [coming] })
    await openMenu('mine', labels.downloads.elsewhere)
    const menu = within(screen.getByRole('menu', { name: labels.downloads.elsewhere }))
    expect(menu.getAllByRole('menuitem').map(({ textContent }) => textContent)).toEqual(['mini', 'studio-2'])
    await user.keyboard('{ArrowRight}{ArrowDown}{Enter}')
    expect(changes()).toEqual([{ route: 'POST /models/download', body: { model: 'org/mine', node: 'b' } }])
    expect(await inRow('mine').findByText(labels.downloads.isThere('studio-2'))).toBeTruthy()
  })
  it('says why another machine does not download, in the row of the model', async () => {
    const nodes = { a: node('studio-1'), b: node('studio-2') }
    const answers = { 'POST /models/download': refusal(507, 'disk-full', 'studio-2 needs 3 GB more.') }
    const { user, inRow, openMenu } = await renderModels(answers, { nodes })
    await openMenu('mine', labels.downloads.elsewhere)
    await user.keyboard('{ArrowRight}{Enter}')
    expect(await inRow('mine').findByText('studio-2 needs 3 GB more.')).toBeTruthy()
  })
  it('offers no other machine where there is none', async () => {
    const { user, inRow } = await renderModels()
    await user.click(inRow('mine').getByRole('button', { name: labels.actionsOf('mine') }))
    expect(screen.queryByRole('menuitem', { name: labels.downloads.elsewhere })).toBeNull()
  })
  it('deletes only after a confirmation, and reads the list again', async () => {
    const { user, sent, changes, openMenu } = await renderModels({ 'DELETE /models?model=org%2Fmine': {} })
    await openMenu('mine', labels.remove)
    expect(changes()).toEqual([])
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: labels.remove }))
    expect(changes().map(({ route }) => route)).toEqual(['DELETE /models?model=org%2Fmine'])
    await expect.poll(() => sent.filter(({ route }) => route === 'GET /models/catalogue').length).toBe(2)
  })
  it('shows an error with a retry when the catalogue cannot be read', async () => {
    renderView(<ModelsView />, { 'GET /models/catalogue': refusal(503, 'not-ready', 'The node is starting.') })
    expect(await screen.findByText('The node is starting.')).toBeTruthy()
  })
})

describe('the search', () => {
  const hit = { modelId: 'hub/new-4bit', downloads: 1200, likes: 3, isGated: false, family: 'llama', weightBytes: GIB, isSupported: true }
  it('finds models here and on Hugging Face in one box', async () => {
    const { user, inRow, changes } = await renderModels({
      'GET /models/hub?search=tiny': {
        models: [hit, { ...hit, modelId: 'org/tiny-4bit' }, { ...hit, modelId: 'hub/odd', isSupported: false }],
      },
      'POST /models/download': {},
    })
    await user.type(search(), 'tiny')
    expect(screen.queryByRole('listitem', { name: 'mine' })).toBeNull()
    expect(inRow('tiny').getByRole('button', { name: '4-bit' })).toBeTruthy()
    await screen.findByRole('listitem', { name: 'new-4bit' }, { timeout: 3_000 })
    await user.click(inRow('new-4bit').getByRole('button', { name: labels.hub.download('1.1 GB') }))
    expect(changes()).toEqual([{ route: 'POST /models/download', body: { model: 'hub/new-4bit' } }])
    expect(inRow('odd').getByRole<HTMLButtonElement>('button').disabled).toBe(true)
    expect(screen.queryAllByRole('listitem', { name: 'tiny-4bit' })).toEqual([])
  })
  it('F15: offers the machines to which a model of Hugging Face can be downloaded', async () => {
    const nodes = { a: node('studio-1'), b: node('studio-2') }
    const answers = { 'GET /models/hub?search=new': { models: [hit] }, 'POST /models/download': { download: null } }
    const { user, inRow, openMenu, changes } = await renderModels(answers, { nodes })
    await user.type(search(), 'new')
    await screen.findByRole('listitem', { name: 'new-4bit' }, { timeout: 3_000 })
    await openMenu('new-4bit', labels.downloads.elsewhere)
    await user.keyboard('{ArrowRight}{Enter}')
    expect(changes()).toEqual([{ route: 'POST /models/download', body: { model: 'hub/new-4bit', node: 'b' } }])
    expect(await inRow('new-4bit').findByText(labels.downloads.isThere('studio-2'))).toBeTruthy()
  })
  it('B33: takes a pasted link, also of a model that the search does not list', async () => {
    const { user, inRow, changes } = await renderModels({
      'GET /models/hub?search=org%2Fmodel': { models: [] },
      'POST /models/download': {},
    })
    await user.click(search())
    await user.paste('https://huggingface.co/org/model/tree/main')
    await user.click(inRow('model').getByRole('button', { name: labels.hub.downloadUnknown }))
    expect(changes()).toEqual([{ route: 'POST /models/download', body: { model: 'org/model' } }])
  })
  it('says that Hugging Face cannot be reached, beside what is here', async () => {
    const { user, inRow } = await renderModels({
      'GET /models/hub?search=mine': refusal(503, 'hub-unreachable', 'The hub does not answer.'),
    })
    await user.type(search(), 'mine')
    expect(await screen.findByText('The hub does not answer.', {}, { timeout: 3_000 })).toBeTruthy()
    expect(inRow('mine')).toBeTruthy()
  })
  it('asks what is popular only on demand', async () => {
    const { user, sent } = await renderModels({ 'GET /models/hub?search=': { models: [hit] } })
    expect(sent.some(({ route }) => route.includes('/models/hub'))).toBe(false)
    await user.click(screen.getByRole('button', { name: labels.hub.showTrending }))
    expect(await screen.findByRole('listitem', { name: 'new-4bit' })).toBeTruthy()
  })
})

describe('downloads', () => {
  const download = {
    id: 'd',
    modelId: 'org/far',
    nodeId: 'a',
    status: 'running',
    doneBytes: 1e9,
    totalBytes: 4e9,
    source: 'hub',
    savedBytes: 0,
    message: null,
  }
  it('B12, B13: are in a table above the models, with their controls', async () => {
    const { user, changes } = await renderModels(
      { 'POST /models/download/d/pause': {}, 'DELETE /models/download/d': {} },
      { downloads: [download] },
    )
    const row = within(screen.getByRole('row', { name: 'far' }))
    expect(row.getByText('studio-1')).toBeTruthy()
    expect(row.getByRole('progressbar').getAttribute('value')).toBe('0.25')
    expect(row.getByText(/1\.0 GB of 4\.0 GB/)).toBeTruthy()
    await user.click(row.getByRole('button', { name: labels.downloads.pause }))
    await user.click(row.getByRole('button', { name: labels.downloads.cancel }))
    expect(changes().map(({ route }) => route)).toEqual(['POST /models/download/d/pause', 'DELETE /models/download/d'])
  })
  it('that failed say why', async () => {
    await renderModels({}, { downloads: [{ ...download, status: 'failed', message: 'The disk is full.' }] })
    expect(screen.getByRole('alert').textContent).toBe('The disk is full.')
  })
})

describe('the settings of a model', () => {
  it('are shown, changed and saved; what is empty is left to the defaults', async () => {
    const { user, changes, openMenu } = await renderModels({
      'GET /models/settings': { settings: { 'org/mine': { temperature: 0.5, top_k: 20 } } },
      'PUT /models/settings?model=org%2Fmine': {},
    })
    await openMenu('mine', labels.settings)
    const { fields, keep, system, save } = labels.modelSettings
    const temperature = await screen.findByLabelText(fields.temperature)
    expect((temperature as HTMLInputElement).value).toBe('0.5')
    await user.clear(temperature)
    await user.type(temperature, '9')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: save }).disabled).toBe(true)
    await user.clear(temperature)
    await user.selectOptions(screen.getByLabelText(keep), '-1')
    await user.type(screen.getByLabelText(system), 'Be brief.')
    await user.click(screen.getByRole('button', { name: save }))
    expect(changes()).toEqual([{ route: 'PUT /models/settings?model=org%2Fmine', body: { top_k: 20, ttl: -1, system: 'Be brief.' } }])
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})

describe('the placement dialog', () => {
  const shard = (nodeId: string, start: number, kvBytes = GIB) => ({
    nodeId,
    rank: start,
    stage: start,
    layers: { start: start * 16, end: start * 16 + 16 },
    weightBytes: GIB,
    kvBytes,
  })
  const way = (strategy: string, backend: string, shards: object[]) => ({
    strategy,
    backend,
    jacclRing: false,
    contextTokens: 8192,
    shards,
    rdmaMatrix: null,
    fallbacks: [],
  })
  const range = (low: number, high: number) => ({ low, likely: low, high })
  const speed = {
    decode: [{ contextTokens: 0, tokensPerSecond: range(18, 25) }],
    prefillTokensPerSecond: range(1, 2),
    firstTokenSeconds: range(1, 2),
    sharedTokensPerSecond: range(1, 2),
    memoryLeft: [],
    basis: 'chips',
  }
  const base = '/instance/previews?model_id=org%2Fmine'
  const answers = {
    'POST /place_instance': {},
    [`GET ${base}`]: {
      previews: [
        way('pipeline', 'local', [shard('a', 0)]),
        way('tensor', 'ring', [shard('a', 0), shard('b', 1)]),
        { strategy: 'tensor', backend: 'jaccl', minNodes: 2, error: 'There is no Thunderbolt cable.' },
      ],
    },
    [`GET ${base}&context_tokens=4096`]: { previews: [way('pipeline', 'local', [shard('a', 0, GIB / 2)])] },
    [`GET ${base}&kv_bits=4`]: { previews: [{ ...way('pipeline', 'local', [shard('a', 0, GIB / 4)]), speed }] },
    [`GET ${base}&nodes=a`]: { previews: [way('pipeline', 'local', [shard('a', 0)])] },
  }
  const open = async () => {
    const rendered = await renderModels(answers, { nodes: { a: node('studio-1'), b: node('studio-2') } })
    await rendered.openMenu('mine', labels.loadAs)
    const dialog = within(await screen.findByRole('dialog'))
    await dialog.findAllByRole('radio')
    return { ...rendered, dialog, load: () => rendered.user.click(dialog.getByRole('button', { name: labels.load })) }
  }
  it('shows the ways with the best first, fills the machines, and loads the chosen one', async () => {
    const { user, dialog, load, changes } = await open()
    expect(dialog.getAllByText(labels.placement.recommended)).toHaveLength(1)
    expect(dialog.getByText('There is no Thunderbolt cable.')).toBeTruthy()
    expect(dialog.getByText(labels.placement.unused)).toBeTruthy()
    await user.click(dialog.getAllByRole('radio')[1]!)
    expect(dialog.queryByText(labels.placement.unused)).toBeNull()
    await load()
    expect(changes()).toEqual([
      { route: 'POST /place_instance', body: { model_id: 'org/mine', sharding: 'tensor', backend: 'ring', min_nodes: 2 } },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  it('prices the context that is chosen', async () => {
    const { user, dialog, load, changes } = await open()
    expect(dialog.getByText(labels.placement.contextPrice('1.0 GiB'))).toBeTruthy()
    await user.selectOptions(dialog.getByLabelText(labels.placement.context), '4096')
    expect(await dialog.findByText(labels.placement.contextPrice('512 MiB'))).toBeTruthy()
    await load()
    expect(changes()[0]?.body).toMatchObject({ context_tokens: 4096 })
  })
  it('offers a quantized KV cache, shows what then fits, and loads with it', async () => {
    const { user, dialog, load, changes } = await open()
    await user.selectOptions(dialog.getByLabelText(labels.placement.kvCache), '4')
    expect(await dialog.findByText(labels.placement.contextPrice('256 MiB'))).toBeTruthy()
    expect(dialog.getByText(/18–25 tokens\/s at the start/)).toBeTruthy()
    await load()
    expect(changes()[0]?.body).toMatchObject({ kv_bits: 4 })
  })
  it('leaves out machines, but never all', async () => {
    const { user, dialog, load, changes } = await open()
    await user.click(dialog.getByRole('checkbox', { name: 'studio-2' }))
    await expect.poll(() => dialog.queryAllByRole('radio').length).toBe(1)
    expect(dialog.queryByRole('checkbox', { name: 'studio-1' })).toBeNull()
    await load()
    expect(changes()[0]?.body).toMatchObject({ nodes: ['a'], min_nodes: 1 })
  })
})
