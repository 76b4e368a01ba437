import { accepted, inferenceEnd, type Script, textToken } from './scripted-inference.ts'

/** An answer that gives one word and continues when the test lets it. */
export interface HeldAnswer {
  readonly script: Script
  /** Resolves when this many answers have given their first word. */
  begun(count: number): Promise<void>
  end(): void
}

export function scriptedAnswer(): HeldAnswer {
  let count = 0
  let look: () => void = () => undefined
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  return {
    async *script(request, signal) {
      yield accepted(request)
      yield { type: 'text-delta', choiceIndex: 0, text: 'word', tokens: [textToken('word', 10)] }
      count++
      look()
      await new Promise<void>((resolve, reject) => {
        void ended.then(resolve)
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
      yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
      yield inferenceEnd(3, 1)
    },
    begun: (wanted) =>
      new Promise((resolve) => {
        look = () => {
          if (count >= wanted) resolve()
        }
        look()
      }),
    end: () => end(),
  }
}
