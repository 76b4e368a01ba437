import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deepenModel } from './harness/deepen-model.ts'
import { get, post } from './node/call-api.ts'
import { reportFigure } from './node/report-figure.ts'
import type { RunningExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

const PROMPT = 'A short history of the lighthouse, from the first fires to the electric lamp:'
const SAMPLINGS = [{ temperature: 0 }, { temperature: 0.8, seed: 42 }]

describe('speculative decoding', () => {
  let node: RunningExo
  let model: string
  let modelDir: string
  let folder: string

  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exo-drafts-'))))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  useDefaultNode((started) => void ({ node, model, modelDir } = started))

  const complete = (target: string, settings: object) =>
    post(node.apiUrl, '/v1/completions', { model: target, prompt: PROMPT, max_tokens: 160, ignore_eos: true, ...settings })

  it('gives the same text with a draft that helps, sooner', async () => {
    const deep = join(folder, 'deep')
    await deepenModel(modelDir, deep, 90)
    await complete(deep, { max_tokens: 1 })
    await complete(deep, { max_tokens: 1, draft_model: model })
    for (const sampling of SAMPLINGS) {
      const plain = await complete(deep, sampling)
      const drafted = await complete(deep, { ...sampling, draft_model: model })
      expect(drafted.status, JSON.stringify(drafted.body)).toBe(200)
      expect(drafted.body.choices[0].text).toBe(plain.body.choices[0].text)
      const { draft, decode_tokens_per_second: rate } = drafted.body.timings
      const name = `at temperature ${sampling.temperature}, 120 layers with a draft of 30`
      reportFigure(`${name}: accepted of ${draft.proposed_tokens} proposed`, draft.accepted_tokens / draft.proposed_tokens, '')
      reportFigure(`${name}: speed, times that without`, rate / plain.body.timings.decode_tokens_per_second, '')
      expect(plain.body.timings.draft).toBeUndefined()
      expect(draft.accepted_tokens / draft.proposed_tokens).toBeGreaterThan(0.8)
    }
  }, 300_000)

  it('gives the same text with a draft of no help, which it soon asks less', async () => {
    for (const sampling of SAMPLINGS) {
      const plain = await complete(model, sampling)
      const drafted = await complete(model, { ...sampling, draft_model: model })
      expect(drafted.body.choices[0].text).toBe(plain.body.choices[0].text)
      const { draft, decode_tokens_per_second: rate } = drafted.body.timings
      reportFigure(`at temperature ${sampling.temperature}, the model as its own draft: proposed for 160 tokens`, draft.proposed_tokens, '')
      reportFigure(
        `at temperature ${sampling.temperature}, the model as its own draft: speed, times that without`,
        rate / plain.body.timings.decode_tokens_per_second,
        '',
      )
      expect(draft.proposed_tokens).toBeGreaterThan(0)
    }
  })

  it('asks the draft that an instance was placed with', async () => {
    const deep = join(folder, 'deep')
    for (const loaded of Object.entries((await get(node.apiUrl, '/state')).body.instances as Record<string, { modelId: string }>)) {
      if (loaded[1].modelId === deep) await fetch(`${node.apiUrl}/instance/${loaded[0]}`, { method: 'DELETE' })
    }
    const unknown = await post(node.apiUrl, '/place_instance', { model_id: deep, draft_model: 'no-such-model' })
    expect([unknown.status, unknown.body.error.code, unknown.body.error.param]).toEqual([404, 'model_not_found', 'draft_model'])
    expect((await post(node.apiUrl, '/place_instance', { model_id: deep, draft_model: model })).status).toBe(200)
    const { body } = await complete(deep, { temperature: 0, max_tokens: 24 })
    expect(body.timings.draft.accepted_tokens).toBeGreaterThan(0)
  })

  it('refuses a draft that is not there, and one with another vocabulary', async () => {
    const missing = await complete(model, { draft_model: 'no-such-model' })
    expect([missing.status, missing.body.error.code, missing.body.error.param]).toEqual([404, 'model_not_found', 'draft_model'])

    const stranger = join(folder, 'stranger')
    await cp(modelDir, stranger, { recursive: true })
    const tokenizer = JSON.parse(await readFile(join(stranger, 'tokenizer.json'), 'utf8')) as { model: { vocab: Record<string, number> } }
    const { vocab } = tokenizer.model
    const [first, second] = Object.keys(vocab).filter((token) => /^[a-z]{5}$/.test(token)) as [string, string]
    ;[vocab[first], vocab[second]] = [vocab[second] as number, vocab[first] as number]
    await writeFile(join(stranger, 'tokenizer.json'), JSON.stringify(tokenizer))
    const refused = await complete(model, { draft_model: stranger })
    expect([refused.status, refused.body.error.code, refused.body.error.param]).toEqual([400, 'draft_unsupported', 'draft_model'])
    expect(refused.body.error.message).toContain('does not match the vocabulary')
    expect((await complete(model, { max_tokens: 2 })).status).toBe(200)
  })
})
