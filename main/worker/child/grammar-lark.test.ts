import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALL_FORMS, type CallFormName } from '../../domain/generation/calls/call-forms.ts'
import { createToolCallSplitter } from '../../domain/generation/calls/split-tool-calls.ts'
import { boundTools } from '../../domain/generation/form/bound-tools.ts'
import { callGrammar } from '../../domain/generation/form/call-grammar.ts'
import { LARK } from '../../domain/generation/form/lark/input-grammar.ts'
import { structuralTag } from '../../domain/generation/form/structural-tag.ts'
import { createHarmonySplitter } from '../../domain/generation/split-harmony.ts'
import { openTiny, runGeneration } from '../../../native/__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../../native/__fixtures__/tiny-model.ts'
import { END_TOKEN, tinyText, tinyVocabulary } from '../../../native/__fixtures__/tiny-vocabulary.ts'
import type { Shard } from '../../../native/index.ts'

const ANSWERS = 4

/** Grammars with the expressions that match the same texts. */
const GRAMMARS: readonly (readonly [what: string, grammar: string, same: RegExp])[] = [
  [
    'rules, repetitions and imports',
    'start: pair ("," pair)~0..2\npair: NAME "=" INT\nNAME.3: "a".."f"+\nINT: /[0-9]{1,4}/\n%import common.WORD\n',
    /^[a-f]+=\d{1,4}(,[a-f]+=\d{1,4}){0,2}$/,
  ],
  ['what JSON escapes', 'start: line line?\nline: "say \\"" /[a-c"\\\\ ]{1,4}/ "\\"" "\\n"\n', /^(say "[a-c"\\ ]{1,4}"\n){1,2}$/],
  [
    'ignored spaces, cases and aliases',
    '?start: verb -> said | "NO"i\n_AND: "and"\nverb: ("go" | "stop"i) (_AND ("go" | "x".."z"))*\n%ignore " "\n',
    /^ *(((go|stop) *(and *(go|[x-z]) *)*)|no) *$/i,
  ],
  [
    'patches',
    'start: open change+ close\nopen: "*** Begin" LF\nclose: "*** End" LF?\nchange: "*** File: " path LF line+\npath: /(.+)/\n' +
      'line: ("+" | "-" | " ") /(.*)/ LF -> line\n\n%import common.LF\n',
    /^\*{3} Begin\n(\*{3} File: .+\n([-+ ].*\n)+)+\*{3} End\n?$/,
  ],
  ['recursion', 'start: "(" start? ")" | "[" /./ "]"\n', /^\(*(\[[^\n]\])?\)*$/],
]

const names = Object.keys(CALL_FORMS) as CallFormName[]

describe('a custom tool with a Lark grammar', { timeout: 240_000 }, () => {
  let model: TinyModel
  let shard: Shard
  const counts = { calls: 0, cut: 0 }

  beforeAll(async () => {
    model = makeTinyModel()
    shard = await openTiny(model, { contextTokens: 2048 })
    shard.setVocabulary(tinyVocabulary())
  })
  afterAll(async () => {
    await shard.close()
    model.remove()
    process.stdout.write(`figure: calls of custom tools with Lark grammars in ${names.length} formats: ${JSON.stringify(counts)}\n`)
  })

  describe.each(GRAMMARS)('of %s', (_, definition, same) => {
    const parameters = {
      type: 'object',
      properties: { input: { type: 'string', [LARK]: definition } },
      required: ['input'],
      additionalProperties: false,
    }
    const tools = [{ name: 'run', parameters }]
    const rule = { isRequired: true, isParallel: false, tools: boundTools(tools, () => true) }

    it.each(names)('is called with a text that follows it: %s', async (form) => {
      const grammar = { ...structuralTag(callGrammar(CALL_FORMS[form], rule)), endTokenIds: [END_TOKEN] }
      for (let seed = 1; seed <= ANSWERS; seed += 1) {
        const sampling = { temperature: 1.5, seed: String(seed) }
        const run = await runGeneration(shard, { sampling, maxTokens: 700, stopTokenIds: [END_TOKEN], grammar })
        expect(run.last).toMatchObject({ type: 'generation-end' })
        if (run.last.type === 'generation-end' && run.last.finishReason === 'length') {
          counts.cut += 1
          continue
        }
        const text = tinyText(run.tokenIds.filter((tokenId) => tokenId !== END_TOKEN))
        const splitter = form === 'harmony' ? createHarmonySplitter(tools) : createToolCallSplitter(tools)
        const pieces = [...splitter.push(text), ...splitter.flush()]
        const calls = pieces.flatMap((piece) => (piece.type === 'tool-call' ? [piece.call] : []))
        expect([calls.map(({ name }) => name), text]).toEqual([['run'], text])
        const { input } = JSON.parse(calls[0]?.argumentsJson ?? '{}') as { input: string }
        expect([same.test(input), input, text]).toEqual([true, input, text])
        counts.calls += 1
      }
    })
  })
})
