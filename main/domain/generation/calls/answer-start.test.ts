import { expect, it } from 'vitest'
import type { AnswerStart } from '../../../shared/inference/inference.ts'
import { CALL_FORMS, callFormOf } from './call-forms.ts'
import { findAnswerStart, writeAnswerStart } from './answer-start.ts'

const call = (name: string | null, afterThinking = false): AnswerStart => ({ kind: 'call', name, afterThinking })
const text = (words: string, afterThinking = false): AnswerStart => ({ kind: 'text', text: words, afterThinking })

it.each<[template: string, rendered: string, start: AnswerStart, written: string]>([
  ['any', 'assistant\n', text('{"a":'), '{"a":'],
  ['any', 'assistant\n', call('f'), '<tool_call>\n{"name": "f", "arguments":'],
  ['any', 'assistant\n', call(null), '<tool_call>\n{"name": "'],
  ['<tool_call> <function=', 'assistant\n', call('f'), '<tool_call>\n<function=f>\n'],
  ['[TOOL_CALLS]', '[/INST]', call('f'), '[TOOL_CALLS][{"name": "f", "arguments":'],
  ['[TOOL_CALLS] [ARGS]', '[/INST]', call('f'), '[TOOL_CALLS]f[ARGS]'],
  ['<|python_tag|>', 'assistant\n\n', call('f'), '{"name": "f", "parameters":'],
  ['<|start|>assistant', '<|start|>assistant', call('f', true), '<|channel|>commentary to=functions.f <|constrain|>json<|message|>'],
  ['<|start|>assistant', '<|start|>assistant', text('{', true), '<|channel|>final<|message|>{'],
  ['any', 'assistant\n<think>\n', text('{', true), '\n</think>\n\n{'],
])('a template with %s begins %s', (template, rendered, start, written) => {
  expect(writeAnswerStart(start, rendered, CALL_FORMS[callFormOf(template)])).toBe(written)
  expect(findAnswerStart(start, rendered + written)).toBe(written)
})

it('a model that thinks is not held up', () => {
  for (const rendered of ['assistant\n<think>\n', '<|start|>assistant'])
    expect(writeAnswerStart(text('{'), rendered, CALL_FORMS.hermes)).toBe('')
  expect(findAnswerStart(text('{'), 'assistant\n<think>\n')).toBe('')
})
