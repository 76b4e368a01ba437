import { it } from 'vitest'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel } from './__fixtures__/tiny-model.ts'
import { randomSafetensors } from '../main/shared/__fixtures__/random-safetensors.ts'
import { boundTools } from '../main/domain/generation/form/bound-tools.ts'
import { callGrammar } from '../main/domain/generation/form/call-grammar.ts'
import { structuralTag } from '../main/domain/generation/form/structural-tag.ts'
import { CALL_FORMS } from '../main/domain/generation/calls/call-forms.ts'
import { readFileSync } from 'node:fs'
void randomSafetensors
const V = 151936
function vocab() {
  const t: Buffer[] = [Buffer.alloc(0)]
  for (let b = 0; b < 256; b++) t.push(Buffer.from([b]))
  const L = 'etaoinshrdlcumwfgypbvkjxqz'
  const add = (s: string) => { if (t.length < V) t.push(Buffer.from(s)) }
  for (const s of ['": "', '","', '": ', '{"', '"}', '"],', '":', '", "', '\n\n', '  ', '    ']) add(s)
  for (let i = 0; i < 1000; i++) add(String(i))
  for (const a of L) for (const b of L) { add(a + b); add(' ' + a + b); add(a.toUpperCase() + b); for (const c of L) { add(a + b + c); add(' ' + a + b + c); add(' ' + a.toUpperCase() + b + c) } }
  for (let i = 0x4e00; i < 0x9fff; i++) add(String.fromCharCode(i))
  for (const a of L) for (const b of L) for (const c of L) for (const d of L) { add(a + b + c + d); }
  const ends = Buffer.alloc(t.length * 4); let e = 0
  t.forEach((b, i) => ends.writeUInt32LE((e += b.length), i * 4))
  return { bytes: Buffer.concat(t).toString('base64'), ends: ends.toString('base64') }
}
it('cost', async () => {
  const model = makeTinyModel({ config: { vocab_size: V }, tensors: (ts) => ts.map((x) => (x.shape[0] === 200 ? { ...x, shape: [V, x.shape[1]!] } : x)) })
  const shard = await openTiny(model, { contextTokens: 4096 })
  const v = vocab()
  let at = performance.now()
  shard.setVocabulary(v)
  console.log('setVocabulary', performance.now() - at)
  const schemas = Object.entries(JSON.parse(readFileSync(new URL('../main/domain/generation/form/__fixtures__/tool-schemas.json', import.meta.url), 'utf8')) as Record<string, object>)
  const tools = (from: number) => schemas.slice(from, from + 30).map(([name, parameters], i) => ({ name: `t${from}_${i}_${name.replace(/\W+/g, '_')}`, parameters }))
  const ttft = async (grammar: object | null, n = 1) => {
    const begun = performance.now(); let first = 0
    const run = await runGeneration(shard, { sampling: { temperature: 1, seed: '1' }, maxTokens: n, ...(grammar ? { grammar } : {}) } as never, () => { first ||= performance.now() - begun })
    const all = performance.now() - begun
    return { first: first, all, n: run.tokenIds.length, last: JSON.stringify(run.last).slice(0, 120) }
  }
  console.log('free', await ttft(null), await ttft(null), await ttft(null, 200))
  for (const form of ['hermes', 'qwen-coder', 'python'] as const)
    for (const from of [0, 10]) for (const isRequired of [true, false]) {
      at = performance.now()
      const grammar = { ...structuralTag(callGrammar(CALL_FORMS[form], { isRequired, isParallel: true, tools: boundTools(tools(from), () => true) })), endTokenIds: [0] }
      const made = performance.now() - at
      console.log(form, from, isRequired, 'build', made.toFixed(1), 'bytes', grammar.text.length, 'unseen', await ttft(grammar), 'seen', await ttft(grammar), await ttft(grammar, 200))
    }
  const one = (i: number) => ({ kind: 'json-schema', text: JSON.stringify(schemas[i]![1]), endTokenIds: [0] })
  for (const i of [0, 5, 20, 33]) console.log(schemas[i]![0], await ttft(one(i)), await ttft(one(i)), await ttft(one(i), 200))
  await shard.close(); model.remove()
}, 200000)
