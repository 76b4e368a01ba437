import { findMarker } from './find-marker.ts'

export interface ReasoningPiece {
  readonly isReasoning: boolean
  readonly text: string
}

/** Tells what a model thinks from what it says. */
export interface ReasoningSplitter {
  push(text: string): ReasoningPiece[]
  /** What was held back, at the end. */
  flush(): ReasoningPiece[]
}

const CLOSE_BY_OPEN: Readonly<Record<string, string>> = { '<think>': '</think>', '[THINK]': '[/THINK]' }
const OPENS = Object.keys(CLOSE_BY_OPEN)

/** The tag that a prompt leaves open, as the templates of models that always think do; null: none. */
export function openReasoningTag(promptText: string): string | null {
  const end = promptText.trimEnd()
  return OPENS.find((open) => end.endsWith(open)) ?? null
}

/**
 * Only thinking at the very start counts: a tag later on is something that the model says. Blank space around the tags
 * goes; an answer without tags stays as it is, to the letter.
 *
 * @param openTag - the tag that the prompt left open
 */
export function createReasoningSplitter(openTag: string | null): ReasoningSplitter {
  let open = openTag
  let phase: 'start' | 'reasoning-start' | 'reasoning' | 'content-start' | 'content' = openTag === null ? 'start' : 'reasoning-start'
  let held = ''
  /** A model may begin with the tag that its prompt left open. */
  let repeatedTag = openTag

  const step = (isEnd: boolean): ReasoningPiece | null => {
    if (phase === 'start') {
      const text = held.trimStart()
      const tag = OPENS.find((candidate) => text.startsWith(candidate))
      if (tag === undefined) {
        if (!isEnd && OPENS.some((candidate) => candidate.startsWith(text))) return null
        phase = 'content'
        return { isReasoning: false, text: '' }
      }
      open = tag
      held = text.slice(tag.length)
      phase = 'reasoning-start'
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
      const { before, marker, rest } = findMarker(held, [CLOSE_BY_OPEN[open ?? ''] ?? ''])
      if (marker !== null) {
        held = rest
        phase = 'content-start'
        return { isReasoning: true, text: before.trimEnd() }
      }
      // Blank space waits: if the closing tag follows, it goes.
      const shown = isEnd ? held : before.trimEnd()
      held = held.slice(shown.length)
      return shown === '' ? null : { isReasoning: true, text: shown }
    }
    const text = held
    held = ''
    return text === '' ? null : { isReasoning: false, text }
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
  }
}
