import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CALL_FORMS } from '../../domain/generation/calls/call-forms.ts'
import { readApiSchemas } from '../../domain/generation/form/__fixtures__/api-schemas.ts'
import { boundTools } from '../../domain/generation/form/bound-tools.ts'
import { callGrammar } from '../../domain/generation/form/call-grammar.ts'
import { structuralTag } from '../../domain/generation/form/structural-tag.ts'
import type { TokenGrammar, TokenVocabulary } from '../../shared/inference/grammar.ts'
import { openTiny, runGeneration } from '../../../native/__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../../../native/__fixtures__/tiny-model.ts'
import type { Shard } from '../../../native/index.ts'

const VOCABULARY = 151_936
const TOOLS = 30
/** Only a grammar whose masks are all made at once takes this long. */
const MOST_MS = 20_000

/** Bytes, numbers, words of up to four letters with and without a space before them, and Chinese characters. */
function largeVocabulary(): TokenVocabulary {
  const letters = [...'etaoinshrdlcumwfgypbvkjxqz']
  const pairs = letters.flatMap((first) => letters.map((second) => first + second))
  const triples = pairs.flatMap((pair) => letters.map((letter) => pair + letter))
  const words = [...pairs, ...triples]
  const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]))
  const texts = [
    ...['": "', '","', '": ', '{"', '"}', '":', '", "'],
    ...Array.from({ length: 1000 }, (_, number) => String(number)),
    ...words.flatMap((word) => [word, ` ${word}`, word.charAt(0).toUpperCase() + word.slice(1)]),
    ...Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)),
    ...triples.flatMap((triple) => letters.map((letter) => triple + letter)),
  ]
  const tokens = [Buffer.alloc(0), ...bytes, ...texts.map((text) => Buffer.from(text))].slice(0, VOCABULARY)
  const ends = Buffer.alloc(tokens.length * 4)
  let end = 0
  for (const [index, token] of tokens.entries()) ends.writeUInt32LE((end += token.length), index * 4)
  return { bytes: Buffer.concat(tokens).toString('base64'), ends: ends.toString('base64') }
}

let model: TinyModel
let shard: Shard

beforeAll(async () => {
  model = makeTinyModel({
    config: { vocab_size: VOCABULARY },
    tensors: (tensors) => tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.map((size) => (size === 200 ? VOCABULARY : size)) })),
  })
  shard = await openTiny(model, { contextTokens: 2048 })
  shard.setVocabulary(largeVocabulary())
}, 60_000)
afterAll(async () => {
  await shard.close()
  model.remove()
})

/** Milliseconds to the first token, and per token after it. */
async function timesOf(grammar: TokenGrammar | null, maxTokens: number): Promise<{ readonly firstMs: number; readonly eachMs: number }> {
  const begunMs = performance.now()
  let firstMs = 0
  const run = await runGeneration(
    shard,
    { sampling: { temperature: 1, seed: '1' }, maxTokens, ...(grammar === null ? {} : { grammar }) },
    () => {
      firstMs ||= performance.now() - begunMs
    },
  )
  expect(run.last).toMatchObject({ type: 'generation-end' })
  return { firstMs, eachMs: (performance.now() - begunMs - firstMs) / Math.max(1, run.tokenIds.length - 1) }
}

it('a grammar of thirty tools over a large vocabulary costs little', { timeout: 120_000 }, async () => {
  const text = readFileSync(new URL('../../domain/generation/form/__fixtures__/api-schemas.txt', import.meta.url), 'utf8')
  const tools = readApiSchemas(text)
    .slice(0, TOOLS)
    .map(([name, parameters]) => ({ name: name.replaceAll(' ', '_'), parameters }))
  const rule = { isRequired: true, isParallel: true, tools: boundTools(tools, () => true) }
  const grammar: TokenGrammar = { ...structuralTag(callGrammar(CALL_FORMS.hermes, rule)), endTokenIds: [0] }
  await timesOf(null, 2)
  const free = await timesOf(null, 100)
  const unseen = await timesOf(grammar, 1)
  const warming = await timesOf(grammar, 100)
  const seen = await timesOf(grammar, 100)
  const figure = (times: number): string => times.toFixed(2)
  process.stdout.write(
    `figure: first token of a call of ${TOOLS} tools over ${VOCABULARY} tokens: ` +
      `${figure(unseen.firstMs - free.firstMs)} ms later unseen, ` +
      `${figure(seen.firstMs - free.firstMs)} ms seen; each token ${figure(free.eachMs)} ms free, ${figure(warming.eachMs)} ms at first, ` +
      `${figure(seen.eachMs)} ms seen\n`,
  )
  expect(unseen.firstMs).toBeLessThan(MOST_MS)
})
