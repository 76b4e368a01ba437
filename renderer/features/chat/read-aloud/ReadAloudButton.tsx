import { type ReactNode, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Icon } from '../../../ui/Icon.tsx'
import { language } from '../../../ui/language.ts'
import { useChatStore } from '../conversation/chat-store.ts'
import { chatStrings } from '../strings.ts'
import { pickVoice } from './pick-voice.ts'
import { readSentences } from './read-sentences.ts'
import { readableSentences } from './readable-sentences.ts'

const labels = chatStrings.readAloud
/** undefined: this browser has none. */
const speech = (): SpeechSynthesis | undefined => (globalThis as { readonly speechSynthesis?: SpeechSynthesis }).speechSynthesis
/** The region comes from the browser only where it speaks the language of the page. */
const wanted = (): string[] => [...navigator.languages.filter((tag) => tag.split('-')[0] === language), language]
const systemVoice = (): SpeechSynthesisVoice | null => pickVoice(speech()?.getVoices() ?? [], wanted())

/** Browsers load their voices late. */
function onVoices(listener: () => void): () => void {
  const synthesis = speech()
  synthesis?.addEventListener('voiceschanged', listener)
  return () => synthesis?.removeEventListener('voiceschanged', listener)
}

/**
 * Reads the answer around it aloud with a voice of the system, in the language of the page; nothing where there is no
 * voice. It ends by a click, with its answer on the page, and when the chat is busy with another answer.
 */
export function ReadAloudButton({ isChatBusy }: { readonly isChatBusy: boolean }): ReactNode {
  const hasVoice = useSyncExternalStore(onVoices, () => systemVoice() !== null)
  const [isReading, setIsReading] = useState(false)
  const stopReading = useRef<(() => void) | null>(null)
  const stop = useCallback((): void => {
    stopReading.current?.()
    stopReading.current = null
    setIsReading(false)
  }, [])
  useEffect(() => {
    if (isChatBusy) stop()
  }, [isChatBusy, stop])
  useEffect(() => {
    addEventListener('pagehide', stop) // some browsers read on
    return () => {
      removeEventListener('pagehide', stop)
      stopReading.current?.()
    }
  }, [stop])
  const start = (button: Element): void => {
    const [synthesis, voice] = [speech(), systemVoice()]
    const text = button.closest('.answer')?.querySelector(':scope > :is(.markdown, .plain-text)')
    if (!synthesis || !voice || !text) return
    setIsReading(true)
    stopReading.current = readSentences({
      synthesis,
      sentences: readableSentences(text, language),
      voice,
      onEnd: (isFailed) => {
        stopReading.current = null
        setIsReading(false)
        if (isFailed) useChatStore.setState({ error: labels.failed })
      },
    })
  }
  if (!hasVoice) return null
  const label = isReading ? labels.stop : labels.start
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={({ currentTarget }) => (isReading ? stop() : start(currentTarget))}
    >
      <Icon name={isReading ? 'stop' : 'speak'} />
    </button>
  )
}
