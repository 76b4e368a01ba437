import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Icon } from '../../../ui/Icon.tsx'
import { language } from '../../../ui/language.ts'
import { useChatStore } from '../conversation/chat-store.ts'
import { chatStrings } from '../strings.ts'
import { localRecognition, type Recognition, type RecognitionResult } from './local-recognition.ts'

const labels = chatStrings.dictation

export interface DictateButtonProps {
  /** Called with each piece of text as it is recognized for good. */
  readonly onText: (text: string) => void
}

/** Writes what is said into the question; nothing where the browser cannot recognize speech on this machine. */
export function DictateButton({ onText }: DictateButtonProps): ReactNode {
  const [kind, setKind] = useState<{ readonly make: () => Recognition } | null>(null)
  const [isListening, setIsListening] = useState(false)
  const running = useRef<Recognition | null>(null)
  const told = useRef(onText)
  useEffect(() => {
    told.current = onText
  }, [onText])
  const tag = navigator.languages.find((other) => other.split('-')[0] === language) ?? language
  useEffect(() => {
    let isWanted = true
    void localRecognition(tag).then((found) => {
      if (isWanted && found) setKind({ make: () => new found() })
    })
    return () => {
      isWanted = false
      running.current?.abort()
    }
  }, [tag])
  if (kind === null) return null
  const start = (): void => {
    const recognition = kind.make()
    Object.assign(recognition, { lang: tag, continuous: true, interimResults: false, processLocally: true })
    recognition.addEventListener('result', (event) => {
      const { results, resultIndex } = event as Event & { readonly results: ArrayLike<RecognitionResult>; readonly resultIndex: number }
      for (const result of Array.from(results).slice(resultIndex)) if (result.isFinal) told.current(result[0]?.transcript.trim() ?? '')
    })
    recognition.addEventListener('error', (event) => {
      const { error } = event as Event & { readonly error?: string }
      if (error !== 'aborted' && error !== 'no-speech') useChatStore.setState({ error: labels.failed })
    })
    recognition.addEventListener('end', () => {
      running.current = null
      setIsListening(false)
    })
    running.current = recognition
    setIsListening(true)
    recognition.start()
  }
  const label = isListening ? labels.stop : labels.start
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={isListening}
      onClick={() => (isListening ? running.current?.stop() : start())}
    >
      <Icon name={isListening ? 'stop' : 'microphone'} />
    </button>
  )
}
