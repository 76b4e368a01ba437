import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asksForHarmony, createHarmonySplitter, type HarmonyPiece } from './split-harmony.ts'
import { wholeCalls } from './calls/whole-calls.ts'

const TOOLS = [{ name: 'get_weather' }]

/** The whole output, with consecutive pieces of the same kind joined. */
function split(pieces: readonly string[], tools = TOOLS): HarmonyPiece[] {
  const splitter = createHarmonySplitter(tools)
  const out: HarmonyPiece[] = []
  for (const piece of wholeCalls<HarmonyPiece>([...pieces.flatMap((text) => splitter.push(text)), ...splitter.flush()])) {
    const last = out.at(-1)
    if (last && 'text' in last && 'text' in piece && piece.type === last.type)
      out[out.length - 1] = { ...piece, text: last.text + piece.text }
    else out.push(piece)
  }
  return out
}

const thought = '<|channel|>analysis<|message|>Let me see.<|end|>'
const call = '<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Bern"}'
const made = { type: 'tool-call', call: { name: 'get_weather', argumentsJson: '{"city":"Bern"}' } }

describe('the harmony splitter', () => {
  it.each<[name: string, text: string, expected: readonly unknown[]]>([
    [
      'tells thought from answer',
      `${thought}<|start|>assistant<|channel|>final<|message|>Yes.`,
      [
        { type: 'reasoning', text: 'Let me see.' },
        { type: 'content', text: 'Yes.' },
      ],
    ],
    ['finds a call', thought + call, [{ type: 'reasoning', text: 'Let me see.' }, made]],
    ['finds a call whose recipient comes first', ' to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Bern"}', [made]],
    ['shows a preamble', `<|channel|>commentary<|message|>I will look.<|end|>${call}`, [{ type: 'content', text: 'I will look.' }, made]],
    ['shows a call that is no JSON', call.replace('"Bern"', 'Bern'), [{ type: 'content', text: '{"city": Bern}' }]],
    ['shows text without a header', 'Just <b>this</b>.', [{ type: 'content', text: 'Just <b>this</b>.' }]],
    ['ends in a thought', '<|channel|>analysis<|message|>Hm', [{ type: 'reasoning', text: 'Hm' }]],
    ['says nothing of half a header', '<|channel|>ana', []],
  ])('%s, however the text is cut', (_, text, expected) => {
    expect(split([text])).toEqual(expected)
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const places = [...new Set([0, ...cuts, text.length])].sort((left, right) => left - right)
        expect(split(places.slice(1).map((place, index) => text.slice(places[index], place)))).toEqual(expected)
      }),
    )
  })

  it('knows no call to what the model was not told of', () => {
    expect(split([call], [])).toEqual([{ type: 'content', text: '{"city": "Bern"}' }])
  })

  it('tells a call while it is written', () => {
    const splitter = createHarmonySplitter(TOOLS)
    const told = [...call.slice(0, -4)].flatMap((letter) => splitter.push(letter))
    expect(told[0]).toEqual({ type: 'call-begin', name: 'get_weather', id: undefined })
    expect(told.map((piece) => (piece.type === 'call-arguments' ? piece.text : '')).join('')).toBe('{"city":"Be')
    const rest = [...splitter.push('rn"}'), ...splitter.flush()]
    expect(rest.at(-1)).toEqual(made)
    expect(wholeCalls(splitter.flush(true))).toEqual([])
  })

  it('gives up a call that the limit cut', () => {
    const splitter = createHarmonySplitter(TOOLS)
    const pieces = [...splitter.push(call.slice(0, -4)), ...splitter.flush(true)]
    expect(pieces.map(({ type }) => type)).toEqual(['call-begin', 'call-arguments', 'call-broken'])
  })

  it('shows text as soon as it can', () => {
    const splitter = createHarmonySplitter([])
    expect(splitter.push('<|channel|>final<|message|>Hello <|e')).toEqual([{ type: 'content', text: 'Hello ' }])
  })
})

it('a prompt asks for the format by its open header', () => {
  expect(['<|start|>assistant', '<|im_start|>assistant\n', '<|start|>assistant<|channel|>final<|message|>'].map(asksForHarmony)).toEqual([
    true,
    false,
    false,
  ])
})
