// @vitest-environment happy-dom
import { act } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { useChatStore } from '../conversation/chat-store.ts'
import { DictateButton } from './DictateButton.tsx'

/** Chrome's recognition, which happy-dom does not have. */
class FakeRecognition extends EventTarget {
  static state = 'available'
  static last: FakeRecognition | null = null
  static available = async (): Promise<string> => FakeRecognition.state
  lang = ''
  continuous = false
  interimResults = true
  isStarted = false
  get processLocally(): boolean {
    return true
  }
  set processLocally(_isLocal: boolean) {}
  start(): void {
    FakeRecognition.last = this
    this.isStarted = true
  }
  stop(): void {
    this.isStarted = false
    this.dispatchEvent(new Event('end'))
  }
  abort(): void {
    this.stop()
  }
}

beforeEach(() => {
  FakeRecognition.state = 'available'
  vi.stubGlobal('SpeechRecognition', FakeRecognition)
})
afterEach(() => {
  clearView()
  vi.unstubAllGlobals()
})
const button = (): HTMLElement | null => document.querySelector('button')

describe('DictateButton', () => {
  it('F23: writes what is recognized on this machine, until it is pressed again', async () => {
    const told: string[] = []
    renderView(<DictateButton onText={(text) => told.push(text)} />)
    await expect.poll(() => button()?.getAttribute('aria-label')).toBe('Dictate')
    act(() => button()?.click())
    expect([FakeRecognition.last?.isStarted, FakeRecognition.last?.continuous, button()?.getAttribute('aria-label')]).toEqual([
      true,
      true,
      'Stop dictation',
    ])
    const results = [
      { isFinal: true, 0: { transcript: ' Hello there ' } },
      { isFinal: false, 0: { transcript: 'wor' } },
    ]
    act(() => void FakeRecognition.last?.dispatchEvent(Object.assign(new Event('result'), { results, resultIndex: 0 })))
    act(() => button()?.click())
    expect([told, FakeRecognition.last?.isStarted, button()?.getAttribute('aria-label')]).toEqual([['Hello there'], false, 'Dictate'])
  })
  it('says what to do when the microphone fails', async () => {
    renderView(<DictateButton onText={() => undefined} />)
    await expect.poll(button).not.toBeNull()
    act(() => button()?.click())
    act(() => void FakeRecognition.last?.dispatchEvent(Object.assign(new Event('error'), { error: 'not-allowed' })))
    expect(useChatStore.getState().error).toContain('microphone')
  })
  it.each(['unavailable', 'downloadable'])('is absent where recognition on this machine is %s', async (state) => {
    FakeRecognition.state = state
    renderView(<DictateButton onText={() => undefined} />)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(button()).toBeNull()
  })
})
