// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChatSettings } from '../../../main/shared/chats/chat.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { ChatHeader, type ChatHeaderProps } from './ChatHeader.tsx'
import { chatStrings } from './strings.ts'

afterEach(clearView)

function renderHeader(part: Partial<ChatHeaderProps>) {
  const props: ChatHeaderProps = {
    title: '',
    models: [],
    modelId: null,
    onModel: vi.fn(),
    otherModelId: null,
    onOtherModel: vi.fn(),
    settings: ChatSettings.parse({}),
    presets: { data: null, error: null, isLoading: false, reload: vi.fn() },
    onSettings: vi.fn(),
    isListOpen: false,
    onToggleList: vi.fn(),
    onNew: vi.fn(),
    ...part,
  }
  return { props, ...renderView(<ChatHeader {...props} />, { 'GET /mcp/servers': { servers: [] } }) }
}

describe('ChatHeader', () => {
  it('names the chat, and is called Chat before there is one', () => {
    renderHeader({ title: 'Rates of change' })
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Rates of change')
    clearView()
    renderHeader({})
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Chat')
  })
  it('opens the settings of the chat, and closes them', async () => {
    const { user, props } = renderHeader({})
    await user.click(screen.getByRole('button', { name: chatStrings.settings }))
    await user.type(await screen.findByLabelText(chatStrings.systemPrompt), 'x')
    expect(props.onSettings).toHaveBeenCalledWith({ ...props.settings, systemPrompt: 'x' })
    await user.click(screen.getByRole('button', { name: chatStrings.done }))
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  it('B7: Esc closes the settings while their fields are still loading', async () => {
    const { user } = renderHeader({})
    await user.click(screen.getByRole('button', { name: chatStrings.settings }))
    expect(screen.getByRole('dialog')).toBeDefined()
    await user.keyboard('{Escape}')
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})
