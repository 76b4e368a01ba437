// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ClusterView } from '../../../../main/shared/cluster-view.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { chatStrings } from '../strings.ts'
import { ModelPicker } from './ModelPicker.tsx'
import { pickerStrings } from './strings.ts'

afterEach(clearView)

const node = { platform: 'darwin', chip: 'M3', totalBytes: 1, availableBytes: 1, addresses: [], apiPort: 1, version: '1', status: 'ok' }
const shard = { rank: 0, stage: 0, layers: { start: 0, end: 1 }, weightBytes: 1, residentBytes: 1, status: 'ready' }
const instance = { strategy: 'pipeline', backend: 'ring', epoch: 1, rdmaMatrix: null, prefillTokensPerSecond: null }
const view = ClusterView.parse({
  nodeId: 'a',
  clusterName: 'desk',
  leader: null,
  nodes: { a: { ...node, name: 'studio-1' }, b: { ...node, name: 'studio-2' } },
  links: [],
  instances: {
    i: {
      ...instance,
      modelId: 'org/large',
      status: 'ready',
      decodeTokensPerSecond: 31,
      shards: [
        { ...shard, nodeId: 'a' },
        { ...shard, nodeId: 'b' },
      ],
    },
    j: { ...instance, modelId: 'org/broken', status: 'failed', decodeTokensPerSecond: null, shards: [] },
  },
  downloads: [],
})
const model = (modelId: string, loaded = false, aliases: string[] = []) => ({ modelId, loaded, aliases })

function renderPicker(modelId: string | null = 'org/small') {
  useClusterStore.setState({ view })
  const onModel = vi.fn()
  const models = [model('org/small', false, ['tiny']), model('org/large', true), model('org/broken')]
  return { onModel, ...renderView(<ModelPicker label="Model" models={models} modelId={modelId} onModel={onModel} />) }
}
const trigger = () => screen.getByRole('button', { name: /^Model:/ })
const names = () => screen.getAllByRole('option').map((option) => option.querySelector('.model-choice-name')?.textContent)

describe('the picker of a model', () => {
  it('names the model and its state, unless it is ready', () => {
    renderPicker()
    expect(trigger().textContent).toContain(`small ${chatStrings.notLoaded}`)
    clearView()
    renderPicker('org/large')
    expect(trigger().textContent).toBe('Model: large')
  })
  it('lists the models in use first, with their state, speed and machines, and marks the chosen one', async () => {
    const { user } = renderPicker()
    await user.click(trigger())
    await screen.findByRole('combobox')
    expect(names()).toEqual(['broken', 'large', 'small'])
    const [broken, large, small] = screen.getAllByRole('option')
    expect(broken?.textContent).toContain('Failed')
    expect(large?.textContent).toContain('studio-1, studio-2')
    expect(large?.textContent).toMatch(/31/)
    expect(small?.getAttribute('aria-selected')).toBe('true')
    expect(within(small ?? document.body).getByText(pickerStrings.chosen)).toBeDefined()
  })
  it('finds a model by part of its name, another name of it or its machine, and chooses it with the keyboard alone', async () => {
    const { user, onModel } = renderPicker()
    await user.click(trigger())
    const field = await screen.findByRole('combobox')
    await user.type(field, 'STUDIO-2')
    expect(names()).toEqual(['large'])
    await user.clear(field)
    await user.type(field, 'tin')
    expect(names()).toEqual(['small'])
    await user.clear(field)
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{Enter}')
    expect(onModel).toHaveBeenCalledWith('org/large')
    expect(screen.queryByRole('combobox')).toBeNull()
  })
  it('says that nothing has the name, and leads to more models', async () => {
    const { user, onModel } = renderPicker()
    await user.click(trigger())
    await user.type(await screen.findByRole('combobox'), 'nowhere{Enter}')
    expect(screen.getByText(pickerStrings.nothing)).toBeDefined()
    expect(onModel).not.toHaveBeenCalled()
    expect(screen.getByRole('link', { name: pickerStrings.more }).getAttribute('href')).toBe('#/models')
  })
})
