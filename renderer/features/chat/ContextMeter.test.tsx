// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useChatStore } from './conversation/chat-store.ts'
import { ContextMeter } from './ContextMeter.tsx'
import { chatStrings } from './strings.ts'

const initial = useChatStore.getInitialState()
afterEach(() => {
  clearView()
  useChatStore.setState(initial, true)
})

function showAnswered(promptTokens: number, completionTokens: number): void {
  const message = { id: 'answer-01', parentId: null, role: 'assistant', content: 'x', stats: { promptTokens, completionTokens } }
  useChatStore.setState({ activeId: 'chat-0001', opened: { 'chat-0001': { id: 'chat-0001', leafId: null, messages: [message] } as never } })
}

describe('the context meter', () => {
  it('tells what is used of the context, and when it is almost full', () => {
    showAnswered(1024, 1024)
    renderView(<ContextMeter contextTokens={8192} />)
    expect(screen.getByLabelText(chatStrings.context).parentElement?.textContent).toBe(chatStrings.contextUsed('2K', '8K'))
    clearView()
    showAnswered(6000, 1000)
    renderView(<ContextMeter contextTokens={8192} />)
    expect(screen.getByText(new RegExp(chatStrings.contextNear))).toBeTruthy()
  })
  it('is not there before the first answer, nor for a model that is not loaded', () => {
    renderView(<ContextMeter contextTokens={8192} />)
    expect(screen.queryByLabelText(chatStrings.context)).toBeNull()
    clearView()
    showAnswered(1, 1)
    renderView(<ContextMeter contextTokens={undefined} />)
    expect(screen.queryByLabelText(chatStrings.context)).toBeNull()
  })
})
