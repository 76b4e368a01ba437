import type { AnswerStart } from '../../../shared/inference/inference.ts'
import { CALL_FORMS, type CallForm, callStart } from './call-forms.ts'

const CLOSE_OF_THOUGHT: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '\n</think>\n\n'],
  ['[THINK]', '[/THINK]'],
]
const HARMONY_END = '<|start|>assistant'
const HARMONY_FINAL = '<|channel|>final<|message|>'

const wordsOf = (start: AnswerStart, form: CallForm): string => (start.kind === 'text' ? start.text : callStart(form, start.name))

/** The text to append to a rendered prompt so that the answer starts as requested; empty if the model should reason first. */
export function writeAnswerStart(start: AnswerStart, rendered: string, form: CallForm): string {
  const words = wordsOf(start, form)
  const end = rendered.trimEnd()
  if (end.endsWith(HARMONY_END)) return start.afterThinking ? (start.kind === 'text' ? HARMONY_FINAL : '') + words : ''
  const thought = CLOSE_OF_THOUGHT.find(([open]) => end.endsWith(open))
  if (thought) return start.afterThinking ? thought[1] + words : ''
  return words
}

/** The part of a prompt that `writeAnswerStart` has appended; the longest one possible. */
export function findAnswerStart(start: AnswerStart, promptText: string): string {
  const words = [...new Set(Object.values(CALL_FORMS).map((form) => wordsOf(start, form)))]
  const written = words.flatMap((text) => [text, HARMONY_FINAL + text, ...CLOSE_OF_THOUGHT.map(([, close]) => close + text)])
  return written.filter((text) => promptText.endsWith(text)).toSorted((left, right) => right.length - left.length)[0] ?? ''
}
