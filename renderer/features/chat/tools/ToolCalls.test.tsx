// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ChatToolCall } from '../../../../main/shared/chats/tool-call.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import type { ChatController } from '../conversation/chat-controller.ts'
import { toolStrings as labels } from './strings.ts'
import { ToolCalls } from './ToolCalls.tsx'
import { ToolServers } from './ToolServers.tsx'

afterEach(clearView)

const call: ChatToolCall = { id: 'c1', server: 'files', tool: 'read', argumentsJson: '{"path":"/a"}', state: 'asking', result: '' }

function renderCalls(...calls: Partial<ChatToolCall>[]) {
  const decideCall = vi.fn()
  const chat = { decideCall } as Partial<ChatController> as ChatController
  const made = calls.map((given, index) => ({ ...call, id: `c${index}`, ...given }))
  return { decideCall, ...renderView(<ToolCalls messageId="m1" calls={made} />, {}, { chat }) }
}

describe('ToolCalls', () => {
  it.each([
    [labels.once, 'once'],
    [labels.always, 'always'],
    [labels.refuse, 'refuse'],
  ])('shows what a tool would do, and takes: %s', async (name, decision) => {
    const { user, decideCall } = renderCalls({})
    expect(screen.getByText(/"path": "\/a"/).closest('details')?.open).toBe(true)
    await user.click(screen.getByRole('button', { name }))
    expect(decideCall).toHaveBeenCalledWith('m1', 'c0', decision)
  })
  it('folds results, and asks nothing about calls that have ended', () => {
    renderCalls({ state: 'done', result: 'the text' }, { state: 'failed', result: 'no such file' }, { state: 'refused' })
    expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual([
      labels.states.done,
      labels.states.failed,
      labels.states.refused,
    ])
    expect(screen.getByText('the text').closest('details')?.open).toBe(false)
    expect(screen.queryAllByRole('button')).toEqual([])
  })
  it('stops a call that runs', async () => {
    const { user, decideCall } = renderCalls({ state: 'running' })
    await user.click(screen.getByRole('button', { name: labels.stop }))
    expect(decideCall).toHaveBeenCalledWith('m1', 'c0', 'refuse')
  })
})

describe('ToolServers', () => {
  const answer = { path: '/data/mcp.json', problem: null, servers: [] as object[] }
  const server = { name: 'files', kind: 'program', problem: null, tools: [{ name: 'read', description: '' }] }
  it('says where servers are named while there are none', async () => {
    renderView(<ToolServers used={[]} onChange={vi.fn()} />, { 'GET /mcp': answer })
    expect(await screen.findByText(/mcpServers in \/data\/mcp\.json/)).toBeTruthy()
  })
  it('lets a chat use a server, and says why another cannot be used', async () => {
    const onChange = vi.fn()
    const servers = [server, { ...server, name: 'web', problem: 'it does not answer', tools: [] }]
    const { user } = renderView(<ToolServers used={[]} onChange={onChange} />, { 'GET /mcp': { ...answer, servers } })
    await user.click(await screen.findByRole('switch', { name: labels.use('files') }))
    expect(onChange).toHaveBeenCalledWith(['files'])
    expect(screen.getByText('it does not answer')).toBeTruthy()
    expect(screen.getByRole('switch', { name: labels.use('web') }).hasAttribute('disabled')).toBe(true)
  })
  it('shows what is wrong with the file', async () => {
    renderView(<ToolServers used={[]} onChange={vi.fn()} />, { 'GET /mcp': { ...answer, problem: 'Unexpected token' } })
    expect(await screen.findByText('Unexpected token')).toBeTruthy()
  })
})
