// @vitest-environment happy-dom
import { fireEvent, screen } from '@testing-library/react'
import { type ReactNode, useState } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { Composer, type ComposerProps } from './Composer.tsx'
import { chatStrings } from './strings.ts'

afterEach(clearView)

function renderComposer(props: Partial<ComposerProps> = {}) {
  const onSend = vi.fn()
  const onStop = vi.fn()
  const onEditLast = vi.fn(() => true)
  const onFiles = vi.fn()
  function Held(): ReactNode {
    const [text, setText] = useState('')
    return (
      <Composer
        text={text}
        onText={setText}
        isStreaming={false}
        isDisabled={false}
        onSend={onSend}
        onStop={onStop}
        onEditLast={onEditLast}
        onFiles={onFiles}
        hasFiles={false}
        {...props}
      />
    )
  }
  const { user } = renderView(
    <>
      <Held />
      <div role="dialog" aria-label="other">
        <button type="button">in front</button>
      </div>
    </>,
  )
  return { user, onSend, onStop, onEditLast, onFiles, field: screen.getByLabelText<HTMLTextAreaElement>(chatStrings.input) }
}

describe('Composer', () => {
  it('edits the last question with ↑, but only where nothing is written', async () => {
    const { user, onEditLast } = renderComposer()
    await user.keyboard('a{ArrowUp}')
    expect(onEditLast).not.toHaveBeenCalled()
    await user.keyboard('{Backspace}{ArrowUp}')
    expect(onEditLast).toHaveBeenCalledTimes(1)
  })
  it('takes the focus, and sends the trimmed text with Enter', async () => {
    const { user, onSend, field } = renderComposer()
    expect(document.activeElement).toBe(field)
    await user.type(field, '  hello {Enter}')
    expect(onSend.mock.calls).toEqual([['hello']])
  })
  it('starts a new line with Shift and Enter', async () => {
    const { user, onSend, field } = renderComposer()
    await user.type(field, 'one{Shift>}{Enter}{/Shift}two')
    expect(field.value).toBe('one\ntwo')
    expect(onSend).not.toHaveBeenCalled()
  })
  it('leaves Enter to an input method that composes a word', async () => {
    const { user, onSend, field } = renderComposer()
    await user.type(field, 'にほん')
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true })
    expect(onSend).not.toHaveBeenCalled()
  })
  it.each([
    ['blank text', {}, '   '],
    ['no model to ask', { isDisabled: true }, 'hello'],
  ])('does not send %s', async (_, props, text) => {
    const { user, onSend, field } = renderComposer(props)
    await user.type(field, `${text}{Enter}`)
    expect(onSend).not.toHaveBeenCalled()
    expect(screen.getByLabelText<HTMLButtonElement>(chatStrings.send).disabled).toBe(true)
  })
  it('offers to stop while an answer streams, also with Escape, and keeps the text', async () => {
    const { user, onSend, onStop, field } = renderComposer({ isStreaming: true })
    await user.type(field, 'next question{Enter}')
    expect(onSend).not.toHaveBeenCalled()
    expect(field.value).toBe('next question')
    await user.click(screen.getByLabelText(chatStrings.stop))
    await user.keyboard('{Escape}')
    expect(onStop).toHaveBeenCalledTimes(2)
  })
  it('goes on with an answer when Escape closes a dialog (B7)', async () => {
    const { user, onStop } = renderComposer({ isStreaming: true })
    screen.getByText('in front').focus()
    await user.keyboard('{Escape}')
    expect(onStop).not.toHaveBeenCalled()
  })

  it('F7: makes a long paste a file, and leaves a short one in the box', async () => {
    const { field, onFiles, user } = renderComposer()
    await user.click(field)
    await user.paste('short')
    expect([field.value, onFiles.mock.calls.length]).toEqual(['short', 0])
    await user.paste('long '.repeat(1_000))
    expect(field.value).toBe('short')
    const [[[file]]] = onFiles.mock.calls as [[[File]]]
    expect([file.name, (await file.text()).length]).toEqual(['Pasted text.txt', 5_000])
  })
  it('F7: sends files without a text', async () => {
    const { field, onSend, user } = renderComposer({ hasFiles: true })
    await user.type(field, '{Enter}')
    expect(onSend).toHaveBeenCalledWith('')
  })
})
