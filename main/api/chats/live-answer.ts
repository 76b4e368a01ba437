import { ChangeBell } from '../../platform/waiting/change-bell.ts'
import type { StoredMessage } from '../../shared/chats/chat.ts'
import { type AnswerPart, takePart } from '../../shared/chats/take-part.ts'
import type { AnswerEvent } from '../../shared/wire/api/chats.ts'

type Texts = Extract<AnswerEvent, { type: 'more' }>
type Prefill = Extract<AnswerEvent, { type: 'prefill' }>

/** An answer that is being generated, and its readers. A slow reader gets the texts that it missed as one event. */
export class LiveAnswer {
  private base: StoredMessage
  private readonly texts: Texts[] = []
  private prefill: Prefill | null = null
  /** Number of changes other than added texts. */
  private changes = 0
  private hasEnded = false
  private readonly bell = new ChangeBell()

  constructor(message: StoredMessage) {
    this.base = message
  }

  /** The message with all texts so far. */
  get message(): StoredMessage {
    const { content, reasoning, draft } = joined(this.texts)
    const texts: AnswerPart[] = [
      ...(content === '' && reasoning === '' ? [] : [{ type: 'delta' as const, content, reasoning }]),
      ...(draft === '' ? [] : [{ type: 'draft' as const, content: draft }]),
    ]
    return texts.reduce(takePart, this.base)
  }

  take(part: AnswerPart): void {
    if (part.type === 'delta') this.texts.push({ type: 'more', content: part.content, reasoning: part.reasoning, draft: '' })
    else if (part.type === 'draft') this.texts.push({ type: 'more', content: '', reasoning: '', draft: part.content })
    else {
      this.base = takePart(this.base, part)
      this.changes += 1
    }
    this.prefill = null
    this.bell.ring()
  }

  tellPrefill(doneTokens: number, totalTokens: number): void {
    this.prefill = { type: 'prefill', doneTokens, totalTokens }
    this.bell.ring()
  }

  /** Changes the message as a whole. */
  become(change: Partial<Pick<StoredMessage, 'status' | 'error' | 'errorCode' | 'besideId'>>): void {
    this.base = { ...this.base, ...change }
    this.changes += 1
    this.bell.ring()
  }

  end(): void {
    this.hasEnded = true
    this.bell.ring()
  }

  /** The message, then what is added to it, and the message again at its end. */
  async *follow(signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    let { changes } = this
    let textsRead = this.texts.length
    let prefill: Prefill | null = null
    yield { type: 'message', message: this.message }
    while (!signal.aborted) {
      if (this.changes !== changes || this.hasEnded) {
        changes = this.changes
        textsRead = this.texts.length
        const isLast = this.hasEnded
        yield { type: 'message', message: this.message }
        if (isLast) return
      } else if (this.texts.length > textsRead) {
        const more = joined(this.texts.slice(textsRead))
        textsRead = this.texts.length
        yield more
      } else if (this.prefill !== null && this.prefill !== prefill) {
        prefill = this.prefill
        yield prefill
      } else await this.bell.next(signal)
    }
  }
}

function joined(texts: readonly Texts[]): Texts {
  const join = (name: 'content' | 'reasoning' | 'draft'): string => texts.map((more) => more[name]).join('')
  return { type: 'more', content: join('content'), reasoning: join('reasoning'), draft: join('draft') }
}
