import type { Grammar } from '../../../shared/inference/grammar.ts'
import { asksForHarmony } from '../split-harmony.ts'
import { openReasoningTag, REASONING_TAGS } from '../text/split-reasoning.ts'
import { anyText, constant, formatOf, gap, optionally, or, sequence, structuralTag, tag } from './structural-tag.ts'

const ANALYSIS = '<|channel|>analysis<|message|>'
const FINAL = '<|channel|>final<|message|>'

/**
 * The grammar of everything that a model writes: it may think first, and its thought is free.
 *
 * @param promptText - a prompt may leave a thought open, or end one
 * @param hasToken - whether a text is one token of the model: a model that thinks has its tags as tokens
 */
export function afterThought(grammar: Grammar, promptText: string, hasToken: (text: string) => boolean): Grammar {
  const answer = formatOf(grammar)
  if (asksForHarmony(promptText)) {
    const thought = sequence([tag(ANALYSIS, anyText, '<|end|>'), constant(`<|start|>assistant${FINAL}`)])
    return structuralTag(sequence([or([thought, constant(FINAL)]), answer]))
  }
  const open = openReasoningTag(promptText)
  if (open !== null) return structuralTag(sequence([tag('', anyText, REASONING_TAGS[open] ?? ''), gap, answer]))
  const tags = Object.entries(REASONING_TAGS).filter(([begin, end]) => hasToken(begin) && hasToken(end))
  if (tags.length === 0 || tags.some(([, end]) => promptText.trimEnd().endsWith(end))) return grammar
  const thoughts = tags.map(([begin, end]) => sequence([tag(begin, anyText, end), gap]))
  return structuralTag(sequence([optionally(or(thoughts)), answer]))
}
