// @vitest-environment happy-dom
import { screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTools } from '../../../main/shared/connect/connect-tools.ts'
import type { Host } from '../../client/host.ts'
import { clearView, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { ConnectView } from './ConnectView.tsx'
import { localSettings } from '../../../main/shared/wire/api/__fixtures__/local-settings.ts'
import { connectStrings } from './strings.ts'

afterEach(clearView)

const model = (id: string, capabilities: string[], contextTokens: number) => ({
  ...{ id, object: 'model', type: 'model', display_name: id, created_at: '', created: 1, owned_by: 'exo', aliases: [], loaded: true },
  ...{ context_tokens: contextTokens, context_length: contextTokens, context_window: contextTokens, max_model_len: contextTokens },
  ...{ max_context_length: contextTokens, max_input_tokens: contextTokens, max_tokens: contextTokens, state: 'loaded' },
  ...{ capabilities, meta: { n_ctx_train: null } },
})
const MODELS = {
  ...{ object: 'list', models: [], first_id: null, last_id: null, has_more: false },
  data: [model('org/plain', ['completion'], 8_192), model('org/agent', ['completion', 'tools'], 65_536)],
}

function renderConnect(answers: object = {}) {
  const copied: string[] = []
  const host = { apiUrl: 'http://127.0.0.1:8080', copyText: async (text: string) => void copied.push(text) } as unknown as Host
  return { copied, ...renderView(<ConnectView />, { 'GET /v1/models': MODELS, 'GET /settings': localSettings, ...answers }, { host }) }
}

describe('ConnectView', () => {
  it('shows each tool with its command and its settings, for a model that can call tools', async () => {
    const { user, copied } = renderConnect()
    const card = await screen.findByRole('region', { name: 'Claude Code' })
    for (const { name } of connectTools) expect(screen.getByRole('region', { name })).toBeTruthy()
    expect(card.textContent).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1:8080 ANTHROPIC_AUTH_TOKEN=unused ANTHROPIC_MODEL=org/agent')
    await user.click(within(card).getByRole('button', { name: connectStrings.copy('exo launch claude') }))
    expect(copied).toEqual(['exo launch claude'])
  })
  it('says what a chosen model lacks', async () => {
    const { user } = renderConnect()
    const card = await screen.findByRole('region', { name: 'Codex' })
    expect(card.querySelector('.note-warning')).toBeNull()
    await user.selectOptions(screen.getByRole('combobox'), 'org/plain')
    expect(card.textContent).toContain('org/plain was not trained to call tools')
  })
  it.each([
    ['Claude Code', 'POST /v1/messages', { content: [{ type: 'text', text: 'Hello there.' }] }],
    ['Codex', 'POST /v1/responses', { output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello there.' }] }] }],
    ['aider', 'POST /v1/chat/completions', { choices: [{ message: { content: 'Hello there.' } }] }],
  ])('tests %s with a real request and shows the answer', async (name, route, answer) => {
    const { user, sent } = renderConnect({ [route]: answer })
    const card = await screen.findByRole('region', { name })
    await user.click(within(card).getByRole('button', { name: connectStrings.test }))
    await within(card).findByText(/“Hello there\.”/)
    expect(sent.find((request) => request.route === route)?.body).toMatchObject({ model: 'org/agent' })
  })
  it('shows why a test failed', async () => {
    const { user } = renderConnect({ 'POST /v1/messages': refusal(503, 'engine_busy', 'Too many requests.') })
    const card = await screen.findByRole('region', { name: 'Claude Code' })
    await user.click(within(card).getByRole('button', { name: connectStrings.test }))
    await within(card).findByText('Too many requests.')
  })
})
