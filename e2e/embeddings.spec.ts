import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post } from './node/call-api.ts'
import { projectDir, runProgram } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

interface ReferenceVector {
  readonly text: string
  readonly tokenIds: number[]
  readonly vector: number[]
}
/** By mlx-embeddings 0.1.0 on the CPU, of the tokens of Hugging Face's tokenizers. */
const references = JSON.parse(readFileSync(new URL('fixtures/minilm-vectors.json', import.meta.url), 'utf8')) as ReferenceVector[]

const cosine = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0) / (Math.hypot(...left) * Math.hypot(...right))

async function miniLmFolder(): Promise<string> {
  const script = join(projectDir, 'setup', 'fetch', 'fetch-embedding-model.mjs')
  const { status, stdout, stderr } = await runProgram(process.execPath, [script], { timeoutMs: 300_000 })
  if (status !== 0) throw new Error(stderr)
  return stdout.trim()
}

describe('a node with all-MiniLM-L6-v2', () => {
  let node: RunningExo
  let model: string

  beforeAll(async () => {
    model = await miniLmFolder()
    node = await startExo({ arguments: ['--no-default-model', '--model', model] })
  }, 300_000)
  afterAll(() => node?.stop())

  it('makes the vectors that its own runtime makes, for the official clients', async () => {
    const openai = new OpenAI({ baseURL: `${node.apiUrl}/v1`, apiKey: 'unused' })
    const input = references.map(({ text }) => text)
    const { data } = await openai.embeddings.create({ model, input })
    const { embeddings } = await new Ollama({ host: node.apiUrl }).embed({ model, input })
    const ofTokens = await openai.embeddings.create({ model, input: references.map(({ tokenIds }) => tokenIds) })
    const cosines = references.flatMap(({ vector }, index) =>
      [data[index]?.embedding, embeddings[index], ofTokens.data[index]?.embedding].map((own) => cosine(own ?? [], vector)),
    )
    process.stdout.write(`figure: embeddings of MiniLM, cosine at least ${Math.min(...cosines).toFixed(7)}\n`)
    for (const value of cosines) expect(value).toBeGreaterThan(0.9999)
  })

  it('refuses a text that is too long with both numbers, or cuts it', async () => {
    const input = 'word '.repeat(400)
    const refused = await post(node.apiUrl, '/v1/embeddings', { model, input })
    expect([refused.status, refused.body.error.code]).toEqual([400, 'context_length_exceeded'])
    expect(refused.body.error.message).toMatch(/256 tokens.*402/)
    const cut = await post(node.apiUrl, '/v1/embeddings', { model, input, truncate: true })
    expect(cut.body.usage.prompt_tokens).toBe(256)
    expect((await post(node.apiUrl, '/api/embed', { model, input })).body.prompt_eval_count).toBe(256)
  })

  it('says what the model is for, and refuses everything else by name', async () => {
    expect((await get(node.apiUrl, '/v1/models')).body.data[0].capabilities).toEqual(['embedding'])
    expect((await post(node.apiUrl, '/api/show', { model })).body.capabilities).toEqual(['embedding'])
    for (const [path, body] of [
      ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
      ['/v1/completions', { prompt: 'Hi' }],
      ['/v1/rerank', { query: 'a', documents: ['b'] }],
    ] as const) {
      const { status, body: refused } = await post(node.apiUrl, path, { model, ...body })
      expect([status, refused.error.code]).toEqual([400, 'model_unsupported'])
      expect(refused.error.message).toMatch(/makes embeddings/)
    }
  })
})
