import type { AnswerStart } from '../../../shared/inference/inference.ts'

/** A format in which models write calls: the start of a call of a given tool, and of any call. */
interface CallForm {
  /** Whether a template uses this format. */
  readonly isOf: (template: string) => boolean
  readonly named: (name: string) => string
  readonly any: string
}

/** The last one is for all other templates. */
const CALL_FORMS: readonly CallForm[] = [
  {
    isOf: (template) => template.includes('<|start|>assistant'),
    named: (name) => `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>`,
    any: '<|channel|>commentary to=functions.',
  },
  {
    isOf: (template) => template.includes('<|tool_calls_section_begin|>'),
    named: (name) => `<|tool_calls_section_begin|><|tool_call_begin|>functions.${name}:0<|tool_call_argument_begin|>`,
    any: '<|tool_calls_section_begin|><|tool_call_begin|>functions.',
  },
  {
    isOf: (template) => template.includes('<｜tool▁calls▁begin｜>') && template.includes('```json'),
    named: (name) => `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n`,
    any: '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>',
  },
  {
    isOf: (template) => template.includes('<｜tool▁calls▁begin｜>'),
    named: (name) => `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>${name}<｜tool▁sep｜>`,
    any: '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>',
  },
  {
    isOf: (template) => template.includes('<function='),
    named: (name) => `<tool_call>\n<function=${name}>\n`,
    any: '<tool_call>\n<function=',
  },
  { isOf: (template) => template.includes('<arg_key>'), named: (name) => `<tool_call>${name}\n`, any: '<tool_call>' },
  { isOf: (template) => template.includes('[ARGS]'), named: (name) => `[TOOL_CALLS]${name}[ARGS]`, any: '[TOOL_CALLS]' },
  {
    isOf: (template) => template.includes('[TOOL_CALLS]'),
    named: (name) => `[TOOL_CALLS][{"name": ${JSON.stringify(name)}, "arguments":`,
    any: '[TOOL_CALLS][{"name": "',
  },
  {
    isOf: (template) => template.includes('<|python_tag|>') && !template.includes('<tool_call>'),
    named: (name) => `{"name": ${JSON.stringify(name)}, "parameters":`,
    any: '{"name": "',
  },
  { isOf: () => true, named: (name) => `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments":`, any: '<tool_call>\n{"name": "' },
]

const CLOSE_OF_THOUGHT: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '\n</think>\n\n'],
  ['[THINK]', '[/THINK]'],
]
const HARMONY_END = '<|start|>assistant'
const HARMONY_FINAL = '<|channel|>final<|message|>'

const wordsOf = (start: AnswerStart, form: CallForm): string =>
  start.kind === 'text' ? start.text : start.name === null ? form.any : form.named(start.name)

/** The text to append to a rendered prompt so that the answer starts as requested; empty if the model should reason first. */
export function writeAnswerStart(start: AnswerStart, rendered: string, template: string): string {
  const form = CALL_FORMS.find((candidate) => candidate.isOf(template))
  if (!form) return ''
  const words = wordsOf(start, form)
  const end = rendered.trimEnd()
  if (end.endsWith(HARMONY_END)) return start.afterThinking ? (start.kind === 'text' ? HARMONY_FINAL : '') + words : ''
  const thought = CLOSE_OF_THOUGHT.find(([open]) => end.endsWith(open))
  if (thought) return start.afterThinking ? thought[1] + words : ''
  return words
}

/** The part of a prompt that `writeAnswerStart` has appended; the longest one possible. */
export function findAnswerStart(start: AnswerStart, promptText: string): string {
  const words = [...new Set(CALL_FORMS.map((form) => wordsOf(start, form)))]
  const written = words.flatMap((text) => [text, HARMONY_FINAL + text, ...CLOSE_OF_THOUGHT.map(([, close]) => close + text)])
  return written.filter((text) => promptText.endsWith(text)).toSorted((left, right) => right.length - left.length)[0] ?? ''
}
