export interface ReadingOptions {
  readonly synthesis: SpeechSynthesis
  readonly sentences: Iterator<string>
  readonly voice: SpeechSynthesisVoice
  /** Called once, unless it was stopped. */
  readonly onEnd: (isFailed: boolean) => void
}

/** Another reading, or the browser, has ended this one. */
const ENDED = new Set(['canceled', 'interrupted'])

/** Reads sentences aloud, one after the other, and ends what is read at this moment. @returns what stops it */
export function readSentences({ synthesis, sentences, voice, onEnd }: ReadingOptions): () => void {
  let isStopped = false
  /** Chrome forgets an utterance to which nothing refers, and its events with it. */
  let spoken: SpeechSynthesisUtterance | null = null
  const end = (isFailed: boolean): void => {
    if (isStopped) return
    isStopped = true
    spoken = null
    onEnd(isFailed)
  }
  const readNext = (): void => {
    const next = sentences.next()
    if (next.done === true) return end(false)
    spoken = new SpeechSynthesisUtterance(next.value)
    spoken.voice = voice
    spoken.lang = voice.lang
    spoken.onend = () => !isStopped && readNext()
    spoken.onerror = ({ error }) => end(!ENDED.has(error))
    synthesis.speak(spoken)
  }
  synthesis.cancel()
  readNext()
  return () => {
    if (isStopped) return
    isStopped = true
    synthesis.cancel()
  }
}
