import { asksForHarmony } from '../split-harmony.ts'
import { openReasoningTag, REASONING_TAGS } from '../text/split-reasoning.ts'
import { anyText, constant, type Format, gap, optionally, or, sequence, tag } from './structural-tag.ts'

const ANALYSIS = '<|channel|>analysis<|message|>'
const FINAL = '<|channel|>final<|message|>'

/** The forms that an answer may have; at least one. */
export interface AnswerForms {
  readonly text: Format | null
  readonly calls: Format | null
}

/**
 * The form of everything that a model writes: it may think first, and its thought is free.
 *
 * @param promptText - a prompt may leave a thought open, or end one
 * @param hasToken - whether a text is one token of the model: a model that thinks has its tags as tokens
 * @returns null: the answer alone
 */
export function afterThought({ text, calls }: AnswerForms, promptText: string, hasToken: (text: string) => boolean): Format {
  if (asksForHarmony(promptText)) {
    const answers = or([...(text === null ? [] : [sequence([constant(FINAL), text])]), ...(calls === null ? [] : [calls])])
    return sequence([optionally(sequence([tag(ANALYSIS, anyText, '<|end|>'), constant('<|start|>assistant')])), answers])
  }
  const answer = or([text, calls].filter((form) => form !== null))
  const open = openReasoningTag(promptText)
  if (open !== null) return sequence([tag('', anyText, REASONING_TAGS[open] ?? ''), gap, answer])
  const tags = Object.entries(REASONING_TAGS).filter(([begin, end]) => hasToken(begin.replace(/(?<=>)\w+$/, '')) && hasToken(end))
  if (tags.length === 0 || tags.some(([, end]) => promptText.trimEnd().endsWith(end))) return answer
  const thoughts = tags.map(([begin, end]) => sequence([tag(begin, anyText, end), gap]))
  return sequence([optionally(or(thoughts)), answer])
}
