import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHarmonySplitter } from './split-harmony.ts'
import { type WrittenCall, writeCalls } from './calls/__fixtures__/write-calls.ts'
import { CALL_FORMS, type CallFormName } from './calls/call-forms.ts'
import { createToolCallSplitter } from './calls/split-tool-calls.ts'
import { wholeCalls } from './calls/whole-calls.ts'

const TYPES: Readonly<Record<string, unknown>> = {
  text: { type: 'string' },
  more: { type: 'string' },
  count: { type: 'integer' },
  share: { type: 'number' },
  isOn: { type: 'boolean' },
  nothing: { type: ['integer', 'null'] },
  list: { type: 'array', items: { type: 'string' } },
  inner: { type: 'object', properties: { name: { type: 'string' }, days: { type: 'integer' } } },
}
const tools = ['save', 'get-it', 'a.b'].map((name) => ({ name, parameters: { type: 'object', properties: TYPES } }))

/** Parts of texts that look like another part of a call, or that a notation escapes. */
const PARTS = [
  ...['a', 'é', '漢', '😀', ' ', '  b', '"', "'", '\\', '\\n', '\n', '\t', '{', '}', '[', ']', '(', ')', ',', ':', '=', '`', '<', '>'],
  ...['\\u00e9', '\\"', '"}', '"]', '"}]}', '{"name": "save", "arguments": {}}', '[save(text="x")]', '```', '```json\n', '// no', '# no'],
  ...[
    'null',
    'true',
    'None',
    '42',
    '-1.5',
    '</tool_call>',
    '<tool_call>',
    '</function>',
    '<think>',
    '[TOOL_CALLS]',
    '[ARGS]',
    'functools[',
  ],
  ...['<|python_tag|>', '</invoke>', '<|tool_call_end|>', '<|/tool_call|>', ']<|END_ACTION|>', '</TOOLCALL>', ']<|tools_suffix|>'],
  ...['<｜tool▁call▁end｜>', '</｜DSML｜invoke>', '</longcat_tool_call>', '</function_calls>', '<|action_end|>', '<tool_call|>', '\r\n'],
]
const text = fc.array(fc.constantFrom(...PARTS), { maxLength: 6 }).map((parts) => parts.join(''))
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text,
  more: text,
  count: fc.integer({ min: -99, max: 99 }),
  share: fc.constantFrom(0.5, -2.25, 1e-7, 3),
  isOn: fc.boolean(),
  nothing: fc.constantFrom(null, 7),
  list: fc.array(fc.constantFrom('a', 'b, c', 'd "e"', ''), { maxLength: 3 }),
  inner: fc.record({ name: fc.constantFrom('x', 'y: {z}', "it's"), days: fc.nat(9) }),
}
const call: fc.Arbitrary<WrittenCall> = fc.record({
  name: fc.constantFrom(...tools.map(({ name }) => name)),
  args: fc.record(VALUES, { requiredKeys: [] }),
})

/**
 * Whether a notation without escapes can carry a text: it has no part that the notation itself reads as the end of the call, and
 * no line breaks at its ends, which belong to the notation.
 */
function canCarry(form: CallFormName, value: unknown): boolean {
  const { style } = CALL_FORMS[form]
  if (style === 'json' || style === 'python' || typeof value !== 'string') return true
  const ends = ['</function>', '</invoke>', '</｜DSML｜invoke>', '<tool_call>', '</tool_call>', '</longcat_tool_call>', '<tool_call|>']
  return !/^[\s]|\s$/.test(value) && !ends.some((end) => value.includes(end))
}

function read(form: CallFormName, texts: readonly string[]): { readonly content: string; readonly calls: unknown[] } {
  const splitter = form === 'harmony' ? createHarmonySplitter(tools) : createToolCallSplitter(tools)
  const pieces = [...texts.flatMap((part) => splitter.push(part)), ...splitter.flush()]
  const out = wholeCalls(pieces.filter((piece) => piece.type !== 'reasoning'))
  return {
    content: out.map((piece) => (piece.type === 'content' ? piece.text : '')).join(''),
    calls: out.flatMap((piece) =>
      piece.type === 'tool-call' ? [{ name: piece.call.name, args: JSON.parse(piece.call.argumentsJson) as unknown }] : [],
    ),
  }
}

describe('calls as a model of a family writes them', () => {
  it.each(Object.keys(CALL_FORMS) as CallFormName[])('are read as they were meant, whole and letter by letter: %s', (form) => {
    const isOne = CALL_FORMS[form].isLast === true
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: isOne ? 1 : 3 }), (calls) => {
        fc.pre(calls.every(({ args }) => Object.values(args).every((value) => canCarry(form, value))))
        const written = writeCalls(form, calls)
        const meant = { content: '', calls: calls.map(({ name, args }) => ({ name, args: { ...args } })) }
        expect(read(form, [written])).toEqual(meant)
        expect(read(form, [...written])).toEqual(meant)
      }),
      { numRuns: Number(process.env['EXO_WRITTEN_CALLS'] ?? 60) },
    )
  })
})
