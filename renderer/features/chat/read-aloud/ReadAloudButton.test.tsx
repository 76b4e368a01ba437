// @vitest-environment happy-dom
import { act, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { useChatStore } from '../conversation/chat-store.ts'
import { markdownRenderer } from '../answer/AnswerText.tsx'
import { Message } from '../answer/Message.tsx'
import { chatStrings } from '../strings.ts'

class Utterance {
  readonly text: string
  lang = ''
  voice: unknown = null
  onend: () => void = () => undefined
  onerror: (event: { error: string }) => void = () => undefined
  constructor(text: string) {
    this.text = text
  }
}

/** Speaks as a browser does: one utterance at a time, until it is told to go on or is cancelled. */
class Speech extends EventTarget {
  voices: { lang: string; localService: boolean; default: boolean }[] = []
  readonly said: string[] = []
  current: Utterance | null = null
  getVoices = () => this.voices
  speak = (utterance: Utterance): void => {
    expect(this.current).toBeNull()
    expect(this.voices).toContain(utterance.voice)
    this.current = utterance
    this.said.push(utterance.text)
  }
  cancel = (): void => {
    const ended = this.current
    this.current = null
    ended?.onerror({ error: 'canceled' })
  }
  finish(): void {
    const ended = this.current
    this.current = null
    ended?.onend()
  }
  load(...langs: string[]): void {
    this.voices = langs.map((lang) => ({ lang, localService: true, default: false }))
    this.dispatchEvent(new Event('voiceschanged'))
  }
}

let speech: Speech
const initial = useChatStore.getInitialState()
beforeAll(async () => {
  markdownRenderer.load()
  await vi.waitUntil(() => markdownRenderer.current() !== null, 30_000)
}, 40_000)
beforeEach(() => {
  speech = new Speech()
  vi.stubGlobal('speechSynthesis', speech)
  vi.stubGlobal('SpeechSynthesisUtterance', Utterance)
})
afterEach(() => {
  clearView()
  vi.unstubAllGlobals()
  useChatStore.setState(initial, true)
})

const [ONE, TWO] = ['answer-0001', 'answer-0002']
function openChat(content: string, more: Partial<StoredMessage> = {}): void {
  const answer = StoredMessage.parse({ id: ONE, parentId: null, role: 'assistant', content, atMs: 1, ...more })
  const messages = [answer, { ...answer, id: TWO, content: 'Another answer.' }]
  useChatStore.setState({ activeId: 'chat-0001', opened: { 'chat-0001': { id: 'chat-0001', leafId: null, messages } as never } })
}
function Answers({ isChatBusy = false }: { readonly isChatBusy?: boolean }) {
  return [ONE, TWO].map((id) => <Message key={id} messageId={id} modelId="org/m" isChatBusy={isChatBusy} isLast={false} />)
}
const buttons = () => screen.queryAllByRole('button', { name: chatStrings.readAloud.start })
const stopButtons = () => screen.queryAllByRole('button', { name: chatStrings.readAloud.stop })

async function startReading(content = 'First sentence. Second sentence.', more: Partial<StoredMessage> = {}) {
  speech.load('en-US')
  openChat(content, more)
  const rendered = renderView(<Answers />)
  await rendered.user.click(buttons()[0] as HTMLElement)
  return rendered
}

describe('read aloud', () => {
  it('is offered once the system has loaded a voice, and not without one', () => {
    openChat('An answer.')
    renderView(<Answers />)
    expect(buttons()).toHaveLength(0)
    act(() => speech.load('en-US'))
    expect(buttons()).toHaveLength(2)
    act(() => speech.load())
    expect(buttons()).toHaveLength(0)
  })
  it('is not offered by a browser that cannot speak', () => {
    vi.stubGlobal('speechSynthesis', undefined)
    openChat('An answer.')
    renderView(<Answers />)
    expect(buttons()).toHaveLength(0)
  })
  it('reads one sentence after the other with a voice of the language, then offers to read again', async () => {
    speech.load('de-DE', 'en-GB')
    openChat('First sentence. Second sentence.')
    const { user } = renderView(<Answers />)
    await user.click(buttons()[0] as HTMLElement)
    expect([speech.said, speech.current?.lang]).toEqual([['First sentence.'], 'en-GB'])
    act(() => speech.finish())
    expect(speech.said).toEqual(['First sentence.', 'Second sentence.'])
    act(() => speech.finish())
    expect(stopButtons()).toHaveLength(0)
    expect(buttons()).toHaveLength(2)
  })
  it('reads what is meant, not the marks, the code and the reasoning', async () => {
    const content =
      '## A *title*\n\n- one\n- [two](https://example.com/)\n\n```js\nrun()\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\nEnd.'
    await startReading(content, { reasoning: 'Let me think.' })
    while (speech.current) act(() => speech.finish())
    expect(speech.said).toEqual(['A title', 'one', 'two', 'a', 'b', '1', '2', 'End.'])
  })
  it('stops by a click', async () => {
    const { user } = await startReading()
    await user.click(stopButtons()[0] as HTMLElement)
    expect([speech.current, stopButtons().length, buttons().length]).toEqual([null, 0, 2])
    expect(useChatStore.getState().error).toBeNull()
  })
  it('stops when another answer is read', async () => {
    const { user } = await startReading()
    await user.click(buttons()[0] as HTMLElement)
    expect(speech.said).toEqual(['First sentence.', 'Another answer.'])
    expect(stopButtons()).toHaveLength(1)
    act(() => speech.finish())
    expect(speech.said).toHaveLength(2)
  })
  it('stops when the chat is left', async () => {
    await startReading()
    act(() => useChatStore.setState({ activeId: 'chat-0002' }))
    expect(speech.current).toBeNull()
  })
  it('stops when the page goes', async () => {
    await startReading()
    act(() => void dispatchEvent(new Event('pagehide')))
    expect(speech.current).toBeNull()
  })
  it('stops when a new answer begins', async () => {
    speech.load('en-US')
    openChat('First sentence.')
    function Chat() {
      const isChatBusy = useChatStore(({ removed }) => removed !== null)
      return <Answers isChatBusy={isChatBusy} />
    }
    const { user } = renderView(<Chat />)
    await user.click(buttons()[0] as HTMLElement)
    expect(speech.current).not.toBeNull()
    act(() => useChatStore.setState({ removed: {} as never }))
    expect([speech.current, stopButtons().length]).toEqual([null, 0])
  })
  it('says that the voice of the system failed', async () => {
    await startReading()
    act(() => speech.current?.onerror({ error: 'synthesis-failed' }))
    expect(useChatStore.getState().error).toBe(chatStrings.readAloud.failed)
    expect(stopButtons()).toHaveLength(0)
  })
})
