// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { editLastQuestion, useChatStore } from '../conversation/chat-store.ts'
import { chatStrings } from '../strings.ts'
import { Message } from './Message.tsx'

const initial = useChatStore.getInitialState()
afterEach(() => {
  clearView()
  useChatStore.setState(initial, true)
})

function renderQuestion(content: string) {
  const question = StoredMessage.parse({ id: 'question-1', parentId: null, role: 'user', content, atMs: 1 })
  useChatStore.setState({
    activeId: 'chat-0001',
    opened: { 'chat-0001': { id: 'chat-0001', leafId: null, messages: [question] } as never },
  })
  const editAndSend = vi.fn()
  const rendered = renderView(
    <Message messageId="question-1" modelId="org/m" isChatBusy={false} isLast />,
    {},
    { chat: { editAndSend } as never },
  )
  return { ...rendered, editAndSend }
}
const isFolded = (start: string) => screen.getByText((text) => text.startsWith(start)).dataset.folded

describe('a question', () => {
  it('B36: is folded when it is long, and unfolds', async () => {
    const { user } = renderQuestion('word '.repeat(3000))
    expect(isFolded('word')).toBe('true')
    await user.click(screen.getByRole('button', { name: chatStrings.showAll }))
    expect(isFolded('word')).toBe('false')
    await user.click(screen.getByRole('button', { name: chatStrings.showLess }))
    expect(isFolded('word')).toBe('true')
  })
  it('B36: is not folded when it is short', () => {
    renderQuestion('Why?')
    expect(isFolded('Why?')).toBe('false')
    expect(screen.queryByRole('button', { name: chatStrings.showAll })).toBeNull()
  })
  it('is edited from the composer too, and keeps its text when that is cancelled', async () => {
    const { user, editAndSend } = renderQuestion('Why?')
    expect(editLastQuestion()).toBe(true)
    await user.type(await screen.findByRole('textbox', { name: chatStrings.edit }), ' Now?{Enter}')
    expect(editAndSend).toHaveBeenCalledWith('question-1', 'Why? Now?', 'org/m')
    expect(screen.queryByRole('textbox')).toBeNull()
  })
})

it('there is nothing to edit in an empty chat', () => expect(editLastQuestion()).toBe(false))

function renderAnswer(part: Record<string, unknown>): void {
  const answer = StoredMessage.parse({ id: 'answer-1', parentId: null, role: 'assistant', content: '', atMs: 1, ...part })
  useChatStore.setState({ activeId: 'chat-0001', opened: { 'chat-0001': { id: 'chat-0001', leafId: null, messages: [answer] } as never } })
  renderView(<Message messageId="answer-1" modelId="org/m" isChatBusy={false} isLast />, {}, { chat: {} as never })
}

describe('an answer', () => {
  it('B34: that is empty says so', () => {
    renderAnswer({ status: 'complete' })
    expect(screen.getByText(chatStrings.saidNothing)).toBeDefined()
  })
  it('B35: that failed before its first word has nothing to copy', () => {
    renderAnswer({ status: 'failed', error: 'The machine left.' })
    expect(screen.getByText(/The machine left/).textContent).toContain(chatStrings.failed)
    expect(screen.queryByRole('button', { name: chatStrings.copy })).toBeNull()
  })
  it('is plain text until what renders Markdown has loaded', async () => {
    renderAnswer({ status: 'complete', content: 'Some **bold** words' })
    expect(await screen.findByText('bold', {}, { timeout: 20_000 })).toBeDefined()
    expect(screen.queryByText(/\*\*/)).toBeNull()
  })
})
