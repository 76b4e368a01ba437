import { findMarker } from './find-marker.ts'

export interface ReasoningPiece {
  readonly isReasoning: boolean
  readonly text: string
}

/** Separates a model's reasoning from its answer. */
export interface ReasoningSplitter {
  push(text: string): ReasoningPiece[]
  /** Flushes the withheld text at the end. */
  flush(): ReasoningPiece[]
  /** While a thought is open: a function that returns all of it once the answer has ended. Null: no thought is open. */
  openThought(): (() => string) | null
}

/** The tags around a thought. */
export const REASONING_TAGS: Readonly<Record<string, string>> = {
  '<think>': '</think>',
  '[THINK]': '[/THINK]',
  '<thinking>': '</thinking>',
  '<seed:think>': '</seed:think>',
  '<thought>': '</thought>',
  '<reasoning>': '</reasoning>',
  '<|channel>thought': '<channel|>', // Gemma 4
  '<mm:think>': '</mm:think>', // MiniMax M3
  '<|open|>think<|sep|>': '<|close|>think<|sep|>', // Kimi K3
}
const OPENS = Object.keys(REASONING_TAGS)
/** Markers that are always tags after the first reasoning block; the others may be part of the answer. */
const LATER_OPENS = ['<think>', '<seed:think>', '[THINK]', '<|channel>thought', '<mm:think>', '<|open|>think<|sep|>']
/** Around the answer of Kimi K3. */
const KIMI_ANSWER = ['<|open|>response<|sep|>', '<|close|>response<|sep|>', '<|close|>message<|sep|>']
/** A special token starts it, so it is never a word of the answer. */
const ALWAYS_OPENS = ['<|channel>thought', '<|open|>think<|sep|>']
const CLOSES = ['</think>', '</seed:think>', '[/THINK]', '<channel|>', '</mm:think>', '<|close|>think<|sep|>', ...KIMI_ANSWER]

/** The tag that a prompt leaves open, as in templates of models that always think; null: none. */
export function openReasoningTag(promptText: string): string | null {
  const end = promptText.trimEnd()
  return OPENS.find((open) => end.endsWith(open)) ?? null
}

/**
 * Reasoning is at the very start, and again later if a model thinks twice. Whitespace around the tags is dropped; an
 * answer without tags is passed through unchanged. A closing tag without its opening one is left out.
 *
 * @param openTag - the tag that the prompt left open
 */
export function createReasoningSplitter(openTag: string | null): ReasoningSplitter {
  let open = openTag
  let phase: 'start' | 'reasoning-start' | 'reasoning' | 'content-start' | 'content' = openTag === null ? 'start' : 'reasoning-start'
  let held = ''
  /** A model may repeat the tag that its prompt left open. */
  let repeatedTag = openTag
  let hasThought = openTag !== null
  let thought = ''
  /** The last character of the answer: a tag in backticks is a word. */
  let lastSaid = ''

  const think = (text: string): ReasoningPiece => {
    thought += text
    return { isReasoning: true, text }
  }

  const enterReasoning = (tag: string, rest: string): void => {
    open = tag
    held = rest
    hasThought = true
    thought = ''
    phase = 'reasoning-start'
  }

  const takeContent = (isEnd: boolean): ReasoningPiece | null => {
    const { before, marker, rest } = findMarker(held, [...(hasThought ? LATER_OPENS : ALWAYS_OPENS), ...CLOSES])
    const isQuoted = (before === '' ? lastSaid : before).endsWith('`')
    if (marker !== null && !isQuoted) {
      lastSaid = before === '' ? lastSaid : before.slice(-1)
      if (LATER_OPENS.includes(marker)) enterReasoning(marker, rest)
      else {
        held = rest
        phase = 'content-start'
      }
      return { isReasoning: false, text: before }
    }
    const text = marker !== null ? before + marker : isEnd ? held : before
    held = held.slice(text.length)
    if (text !== '') lastSaid = text.slice(-1)
    return text === '' ? null : { isReasoning: false, text }
  }

  const step = (isEnd: boolean): ReasoningPiece | null => {
    if (phase === 'start') {
      const text = held.trimStart()
      const tag = OPENS.find((candidate) => text.startsWith(candidate))
      if (tag === undefined) {
        if (!isEnd && OPENS.some((candidate) => candidate.startsWith(text))) return null
        phase = 'content'
        return { isReasoning: false, text: '' }
      }
      enterReasoning(tag, text.slice(tag.length))
    }
    if (phase === 'reasoning-start' || phase === 'content-start') {
      held = held.trimStart()
      if (repeatedTag !== null && held.startsWith(repeatedTag)) {
        held = held.slice(repeatedTag.length).trimStart()
        repeatedTag = null
      }
      if (held === '' || (!isEnd && repeatedTag?.startsWith(held))) return null
      repeatedTag = null
      phase = phase === 'reasoning-start' ? 'reasoning' : 'content'
    }
    if (phase === 'reasoning') {
      const { before, marker, rest } = findMarker(held, [REASONING_TAGS[open ?? ''] ?? ''])
      if (marker !== null) {
        held = rest
        phase = 'content-start'
        return think(before.trimEnd())
      }
      // Whitespace waits: it is dropped if the closing tag follows.
      const shown = isEnd ? held : before.trimEnd()
      held = held.slice(shown.length)
      return shown === '' ? null : think(shown)
    }
    return takeContent(isEnd)
  }

  const drain = (isEnd: boolean): ReasoningPiece[] => {
    const pieces: ReasoningPiece[] = []
    for (let piece = step(isEnd); piece !== null; piece = step(isEnd)) if (piece.text !== '') pieces.push(piece)
    return pieces
  }

  return {
    push: (text) => {
      held += text
      return drain(false)
    },
    flush: () => drain(true),
    openThought: () => (phase === 'reasoning' || phase === 'reasoning-start' ? () => thought : null),
  }
}
