// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { ModelsView } from './ModelsView.tsx'
import { modelStrings as labels } from './strings.ts'

afterEach(clearView)

const GIB = 2 ** 30
const row = (modelId: string, weightBytes: number, changes: object = {}) => ({
  modelId,
  aliases: [],
  loaded: false,
  isHere: false,
  isOurs: false,
  card: {
    modelId,
    family: 'llama',
    layers: 32,
    hiddenSize: 64,
    attentionHeads: 4,
    kvHeads: 2,
    headDim: 16,
    vocabSize: 256,
    weightBytes,
    contextTokens: 4096,
    quantization: { bits: 4, groupSize: 64 },
  },
  ...changes,
})
const models = [row('org/tiny', GIB), row('org/mine', 2 * GIB, { isHere: true, isOurs: true })]

async function renderModels(answers: NodeAnswers = {}) {
  const rendered = renderView(<ModelsView />, { 'GET /models/catalogue': { models }, ...answers })
  await screen.findAllByRole('listitem')
  const inRow = (name: string) => within(screen.getByRole('listitem', { name }))
  const changes = () => rendered.sent.filter(({ route }) => !route.startsWith('GET'))
  return { ...rendered, inRow, changes }
}
const names = () => screen.queryAllByRole('listitem', { name: /./ }).map((item) => item.getAttribute('aria-label'))

describe('ModelsView', () => {
  it('lists models on this machine first and filters as the user types', async () => {
    const { user } = await renderModels()
    expect(names()).toEqual(['mine', 'tiny'])
    await user.type(screen.getByLabelText(labels.search), 'TINY')
    expect(names()).toEqual(['tiny'])
    await user.type(screen.getByLabelText(labels.search), ' nothing')
    expect(screen.getByText(labels.noMatch)).toBeTruthy()
  })
  it('filters by what is on this machine', async () => {
    const { user } = await renderModels()
    const filter = screen.getByRole('button', { name: labels.filterHere })
    await user.click(filter)
    expect(filter.getAttribute('aria-pressed')).toBe('true')
    expect(names()).toEqual(['mine'])
  })
  it('downloads and loads by the model’s id', async () => {
    const { user, inRow, changes } = await renderModels({ 'POST /models/download': {}, 'POST /place_instance': {} })
    await user.click(inRow('tiny').getByRole('button', { name: labels.download }))
    await user.click(inRow('mine').getByRole('button', { name: labels.load }))
    expect(changes()).toEqual([
      { route: 'POST /models/download', body: { model: 'org/tiny' } },
      { route: 'POST /place_instance', body: { model_id: 'org/mine' } },
    ])
  })
  it('shows why a model cannot be loaded in its own row', async () => {
    const { user, inRow } = await renderModels({ 'POST /place_instance': refusal(409, 'placement-impossible', 'It needs 3 GiB more.') })
    await user.click(inRow('tiny').getByRole('button', { name: labels.getAndLoad }))
    expect(await inRow('tiny').findByText('It needs 3 GiB more.')).toBeTruthy()
  })
  it('deletes only after a confirmation, and reads the list again', async () => {
    const { user, inRow, sent, changes } = await renderModels({ 'DELETE /models?model=org%2Fmine': {} })
    expect(inRow('tiny').queryByRole('button', { name: labels.remove('tiny') })).toBeNull()
    await user.click(inRow('mine').getByRole('button', { name: labels.remove('mine') }))
    expect(changes()).toEqual([])
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: labels.removeConfirm }))
    expect(changes().map(({ route }) => route)).toEqual(['DELETE /models?model=org%2Fmine'])
    await expect.poll(() => sent.filter(({ route }) => route === 'GET /models/catalogue').length).toBe(2)
  })
  it('shows the placements of the node, best first, and loads the chosen one', async () => {
    const shard = (nodeId: string, start: number) => ({
      nodeId,
      rank: start,
      stage: start,
      layers: { start: start * 16, end: start * 16 + 16 },
      weightBytes: GIB,
      kvBytes: GIB,
    })
    const { user, inRow, changes } = await renderModels({
      'POST /place_instance': {},
      'GET /instance/previews?model_id=org%2Fmine': {
        previews: [
          { strategy: 'pipeline', backend: 'local', jacclRing: false, shards: [shard('a', 0)], rdmaMatrix: null, fallbacks: [] },
          {
            strategy: 'tensor',
            backend: 'ring',
            jacclRing: false,
            shards: [shard('a', 0), shard('b', 1)],
            rdmaMatrix: null,
            fallbacks: [],
          },
          { strategy: 'tensor', backend: 'jaccl', minNodes: 2, error: 'There is no Thunderbolt cable.' },
        ],
      },
    })
    await user.click(inRow('mine').getByRole('button', { name: labels.loadAs }))
    const dialog = within(await screen.findByRole('dialog'))
    const load = await dialog.findAllByRole('button', { name: labels.loadThisWay })
    expect(load).toHaveLength(2)
    expect(dialog.getAllByText(labels.chosen)).toHaveLength(1)
    expect(dialog.getByText('There is no Thunderbolt cable.')).toBeTruthy()
    await user.click(load[1]!)
    expect(changes()).toEqual([
      { route: 'POST /place_instance', body: { model_id: 'org/mine', sharding: 'tensor', backend: 'ring', min_nodes: 2 } },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  it('offers a quantized KV cache, shows what then fits, and loads with it', async () => {
    const way = { strategy: 'pipeline', backend: 'local', jacclRing: false, rdmaMatrix: null, fallbacks: [] }
    const shard = { nodeId: 'a', rank: 0, stage: 0, layers: { start: 0, end: 32 }, weightBytes: GIB }
    const { user, inRow, changes } = await renderModels({
      'POST /place_instance': {},
      'GET /instance/previews?model_id=org%2Fmine': { previews: [{ ...way, shards: [{ ...shard, kvBytes: 4 * GIB }] }] },
      'GET /instance/previews?model_id=org%2Fmine&kv_bits=4': { previews: [{ ...way, shards: [{ ...shard, kvBytes: GIB }] }] },
    })
    await user.click(inRow('mine').getByRole('button', { name: labels.loadAs }))
    const dialog = within(await screen.findByRole('dialog'))
    expect(await dialog.findByText(/4.0 GiB|4 GiB/)).toBeTruthy()
    await user.selectOptions(dialog.getByLabelText(labels.kvCache), '4')
    await dialog.findByText(/KV cache 1(\.0)? GiB/)
    await user.click(dialog.getByRole('button', { name: labels.loadThisWay }))
    expect(changes()).toEqual([
      { route: 'POST /place_instance', body: { model_id: 'org/mine', sharding: 'pipeline', min_nodes: 1, kv_bits: 4 } },
    ])
  })
  it('shows an error with a retry when the catalogue cannot be read', async () => {
    renderView(<ModelsView />, { 'GET /models/catalogue': refusal(503, 'not-ready', 'The node is starting.') })
    expect(await screen.findByText('The node is starting.')).toBeTruthy()
  })
})
