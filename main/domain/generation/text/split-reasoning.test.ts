import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReasoningSplitter, openReasoningTag } from './split-reasoning.ts'

/** The whole output, joined per kind, in order. */
function split(pieces: readonly string[], openTag: string | null = null): { reasoning: string; content: string } {
  const splitter = createReasoningSplitter(openTag)
  const out = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush()]
  const join = (isReasoning: boolean): string =>
    out
      .filter((piece) => piece.isReasoning === isReasoning)
      .map(({ text }) => text)
      .join('')
  return { reasoning: join(true), content: join(false) }
}

describe('the reasoning splitter', () => {
  it.each<[name: string, pieces: string[], openTag: string | null, reasoning: string, content: string]>([
    ['leaves plain text alone', [' Hello', ' there \n'], null, '', ' Hello there \n'],
    ['knows tags that are one piece', ['<think>', 'a', 'b', '</think>', 'c'], null, 'ab', 'c'],
    ['knows tags in many pieces', ['<', 'think', '>', 'x', '</', 'think', '>', 'y'], null, 'x', 'y'],
    ['drops blank space around the tags', ['\n<think>\n', 'x \n', '\n</think>\n', '\ny'], null, 'x', 'y'],
    ['goes on to the end when a tag stays open', ['<think>', 'abc'], null, 'abc', ''],
    ['begins inside when the prompt left a tag open', ['\nI see', '</think>', 'yes'], '<think>', 'I see', 'yes'],
    ['takes a tag that repeats the prompt’s', ['<think>', 'I see', '</think>', 'yes'], '<think>', 'I see', 'yes'],
    ['knows Magistral’s', ['[THINK]a[/THINK]b'], null, 'a', 'b'],
    ['H07 knows a second thought', ['<think>a</think>b<think>c</think>d'], null, 'ac', 'bd'],
    ['H07 leaves out a closing tag alone', ['I think.\n</think>\n\nAnswer'], null, '', 'I think.\nAnswer'],
    ['H07 knows tags of other names', ['<thinking>a</thinking>b'], null, 'a', 'b'],
    ['H07 knows Gemma’s', ['<|channel>thought\nI see.', '\n<channel|>yes'], null, 'I see.', 'yes'],
    ['H07 knows Gemma’s after words', ['Well.<|channel>thought\nI see.<channel|>yes'], null, 'I see.', 'Well.yes'],
    ['H07 drops Gemma’s empty thought', ['<|channel>thought\n<channel|>yes'], null, '', 'yes'],
    [
      'H07 knows Kimi K3’s, and takes the tags off its answer',
      ['I see.<|close|>think<|sep|><|open|>response<|sep|>yes<|close|>resp', 'onse<|sep|><|close|>message<|sep|>'],
      '<|open|>think<|sep|>',
      'I see.',
      'yes',
    ],
    ['H07 knows MiniMax M3’s', ['<mm:think>a</mm:think>b'], null, 'a', 'b'],
    ['H07 knows Seed’s', ['<seed:think>a</seed:think>b'], null, 'a', 'b'],
    [
      'lets a model that has thought speak of tags',
      ['<think>a</think>the tag `<think>` and `</think>`'],
      null,
      'a',
      'the tag `<think>` and `</think>`',
    ],
    ['lets a model speak of tags', ['The tag <think> opens'], null, '', 'The tag <think> opens'],
    ['shows what only looked like a tag', ['<thi', 'rd>'], null, '', '<third>'],
    ['shows what only looked like a closing tag', ['<think>a </thi', 's> b</think>c'], null, 'a </this> b', 'c'],
    ['drops empty thoughts', ['<think>\n\n</think>\n\nyes'], null, '', 'yes'],
  ])('%s', (_, pieces, openTag, reasoning, content) => expect(split(pieces, openTag)).toEqual({ reasoning, content }))

  it('gives the same however the text is cut, and shows text as soon as it can', () => {
    const text = fc
      .array(fc.constantFrom('<think>', '</think>', '<', 'think', '>', 'a', ' ', '\n', '[THINK]'), { maxLength: 12 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.constantFrom(null, '<think>'), fc.array(fc.nat(20), { maxLength: 5 }), (whole, openTag, cuts) => {
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].sort(
          (left, right) => left - right,
        )
        const pieces = places.slice(1).map((place, index) => whole.slice(places[index], place))
        expect(split(pieces, openTag)).toEqual(split([whole], openTag))
      }),
    )
    expect(createReasoningSplitter(null).push('Hello <b')).toEqual([{ isReasoning: false, text: 'Hello <b' }])
  })

  it('changes no answer that does not think', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        (pieces) => pieces.join('').trimStart().startsWith('<think>') || split(pieces).content === pieces.join(''),
      ),
    )
  })
})

it('an open tag is found at the end of a prompt only', () => {
  expect(['<|assistant|>\n<think>\n', 'a [THINK]', '<think></think>', 'x'].map(openReasoningTag)).toEqual([
    '<think>',
    '[THINK]',
    null,
    null,
  ])
})
