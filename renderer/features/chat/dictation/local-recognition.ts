/** The part of the browsers' speech recognition that dictation uses. https://webaudio.github.io/web-speech-api/ */
export interface Recognition extends EventTarget {
  lang: string
  continuous: boolean
  interimResults: boolean
  processLocally: boolean
  start(): void
  stop(): void
  abort(): void
}

export interface RecognitionResult {
  readonly isFinal: boolean
  readonly [index: number]: { readonly transcript: string }
}

interface RecognitionKind {
  new (): Recognition
  available?(options: { readonly langs: readonly string[]; readonly processLocally: boolean }): Promise<string>
}

/** null: this browser recognizes speech nowhere, or only on a server, where nothing that is said here may go. */
export async function localRecognition(language: string): Promise<RecognitionKind | null> {
  const { SpeechRecognition: kind } = globalThis as { readonly SpeechRecognition?: RecognitionKind }
  if (!kind?.available || !('processLocally' in kind.prototype)) return null
  const state = await kind.available({ langs: [language], processLocally: true }).catch(() => 'unavailable')
  return state === 'available' ? kind : null
}
