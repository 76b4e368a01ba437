// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { localSettings } from '../../../main/shared/wire/api/__fixtures__/local-settings.ts'
import { MachineSettings } from './MachineSettings.tsx'
import { settingsStrings as labels } from './strings.ts'

afterEach(clearView)

/** Not a round number of any unit. */
const EXACT_BYTES = 51_539_607_553
const chosen = { port: null, peerPort: 5678, maxMemoryBytes: EXACT_BYTES, modelCacheDir: null }
const inUse = {
  ...localSettings.inUse,
  port: 52415,
  peerPort: 5678,
  maxMemoryBytes: EXACT_BYTES,
  modelCacheDir: '/models',
  dataDir: '/data',
}
const settings = { hasHubToken: false, chosen: { ...localSettings.chosen, ...chosen }, inUse }

async function renderSettings(answers: NodeAnswers = {}) {
  const rendered = renderView(<MachineSettings />, { 'GET /settings': settings, 'POST /settings': settings, ...answers })
  await screen.findByLabelText(labels.port)
  const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label)
  const save = () => screen.getByRole<HTMLButtonElement>('button', { name: labels.save })
  const saved = () => rendered.sent.filter(({ route }) => route === 'POST /settings').map(({ body }) => body)
  return { ...rendered, field, save, saved }
}

describe('MachineSettings', () => {
  it('shows chosen values, and the value in use where nothing is chosen', async () => {
    const { field } = await renderSettings()
    expect([field(labels.port).value, field(labels.port).placeholder]).toEqual(['', '52415'])
    expect([field(labels.peerPort).value, field(labels.cacheFolder).placeholder]).toEqual(['5678', '/models'])
  })
  it('keeps the exact memory limit that the form rounds', async () => {
    const { user, field, save, saved } = await renderSettings()
    await user.type(field(labels.port), '8080')
    await user.click(save())
    expect(saved()).toEqual([{ ...chosen, port: 8080 }])
    expect(screen.getByRole('status').textContent).toBe(labels.saved)
  })
  it('sends null for a field that the user empties, and the trimmed folder', async () => {
    const { user, field, save, saved } = await renderSettings()
    await user.clear(field(labels.peerPort))
    await user.clear(field(labels.memoryLimit))
    await user.type(field(labels.cacheFolder), ' /big/disk ')
    await user.click(save())
    expect(saved()).toEqual([{ port: null, peerPort: null, maxMemoryBytes: null, modelCacheDir: '/big/disk' }])
  })
  it.each(['65536', '-1', '80a', '1e3'])('does not save the port %s, and says why', async (port) => {
    const { user, field, save, saved } = await renderSettings()
    await user.type(field(labels.port), `${port}{Enter}`)
    expect(screen.getByText(labels.portWrong)).toBeTruthy()
    expect(save().disabled).toBe(true)
    expect(saved()).toEqual([])
  })
  it('does not save a memory limit without a unit', async () => {
    const { user, field, saved } = await renderSettings()
    await user.clear(field(labels.memoryLimit))
    await user.type(field(labels.memoryLimit), 'lots{Enter}')
    expect(screen.getByText(labels.memoryWrong)).toBeTruthy()
    expect(saved()).toEqual([])
  })
  it('shows why the node refuses the settings and lets the user try again', async () => {
    const { user, save } = await renderSettings({ 'POST /settings': refusal(400, 'invalid-request', 'The disk is full.') })
    await user.click(save())
    expect(await screen.findByText('The disk is full.')).toBeTruthy()
    expect(save().disabled).toBe(false)
  })
  it('shows an error with a retry when the settings cannot be read', async () => {
    renderView(<MachineSettings />, { 'GET /settings': refusal(503, 'not-ready', 'The node is starting.') })
    expect(await screen.findByText('The node is starting.')).toBeTruthy()
    expect(screen.queryByLabelText(labels.port)).toBeNull()
  })
})
