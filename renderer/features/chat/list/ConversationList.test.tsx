// @vitest-environment happy-dom
import { screen, waitFor } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import type { ChatController } from '../conversation/chat-controller.ts'
import { useChatStore } from '../conversation/chat-store.ts'
import { chatStrings } from '../strings.ts'
import { ConversationList } from './ConversationList.tsx'

afterEach(() => {
  clearView()
  useChatStore.setState(useChatStore.getInitialState(), true)
})

const listed = (id: string, title: string, rest: object = {}) => ({
  ...{ id, title, isPinned: false, createdAtMs: 0, updatedAtMs: Date.now(), revision: 1, isAnswering: false },
  ...rest,
})

function renderList(answers = {}) {
  useChatStore.setState({ listed: [listed('chat-0001', 'France', { isPinned: true }), listed('chat-0002', 'Spain')] })
  const chat = { remove: vi.fn(), change: vi.fn(), undoRemove: vi.fn() }
  const rendered = renderView(<ConversationList onNew={vi.fn()} onSelect={vi.fn()} />, answers, {
    chat: chat as unknown as ChatController,
  })
  return { ...rendered, chat }
}

describe('ConversationList', () => {
  it('groups chats, each a link to its own address', () => {
    renderList()
    expect(screen.getAllByRole('heading').map(({ textContent }) => textContent)).toEqual(['Pinned', 'Today'])
    expect(screen.getByRole('link', { name: 'Spain' }).getAttribute('href')).toBe('#/chat/chat-0002')
  })
  it('renames, pins and deletes by a menu that needs no hover', async () => {
    const { user, chat } = renderList()
    const choose = async (action: string): Promise<void> => {
      await user.click(screen.getByRole('button', { name: chatStrings.actionsOf('Spain') }))
      await user.click(await screen.findByRole('menuitem', { name: action }))
    }
    await choose(chatStrings.pin)
    expect(chat.change.mock.calls).toEqual([['chat-0002', { isPinned: true }]])
    await choose(chatStrings.remove)
    expect(chat.remove.mock.calls).toEqual([['chat-0002']])
    await choose(chatStrings.rename)
    const field = screen.getByRole('textbox', { name: chatStrings.titleOf })
    await user.clear(field)
    await user.type(field, 'Madrid{Enter}')
    expect(chat.change.mock.calls.at(-1)).toEqual(['chat-0002', { title: 'Madrid' }])
  })
  it('searches on the node, in the messages too', async () => {
    const { user } = renderList({
      'GET /chats?search=paris': { chats: [listed('chat-0001', 'France', { excerpt: 'It is Paris.' })], damaged: 0 },
    })
    await user.type(screen.getByRole('searchbox'), 'paris')
    await waitFor(() => expect(screen.queryByText('Spain')).toBeNull())
    expect(screen.getByText('It is Paris.')).toBeTruthy()
  })
  it('offers to undo the deletion of a chat', async () => {
    const { user, chat } = renderList()
    useChatStore.setState({ removed: { title: 'Italy' } as never })
    await user.click(await screen.findByRole('button', { name: chatStrings.undo }))
    expect(chat.undoRemove).toHaveBeenCalledOnce()
  })
})
