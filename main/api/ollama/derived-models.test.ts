import { Ollama } from 'ollama'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sayWords } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'
import { parseModelfile } from './parse-modelfile.ts'

const messages = [{ role: 'user', content: 'hello' }]

let api: TestApi
let client: Ollama
beforeEach(async () => {
  api = await startTestApi(sayWords(['Par', 'is']))
  client = new Ollama({ host: api.url })
})
afterEach(() => api.close())

const makeMario = () =>
  client.create({
    model: 'mario',
    from: 'tiny',
    system: 'You are Mario.',
    parameters: { temperature: 0.3, stop: ['END'], num_ctx: 512, num_predict: 7, seed: 4 },
    messages: [
      { role: 'user', content: 'Who?' },
      { role: 'assistant', content: 'Me!' },
    ],
    license: 'MIT',
  })

describe('a model that is made of another', () => {
  it('is listed in every list, and shown', async () => {
    const steps = []
    for await (const step of await client.create({ model: 'mario', from: 'tiny', system: 'You are Mario.', stream: true }))
      steps.push(step.status)
    expect(steps).toEqual([expect.stringMatching(/^using existing layer sha256:[0-9a-f]{64}$/), 'writing manifest', 'success'])
    expect((await makeMario()).status).toBe('success')
    const { models } = await client.list()
    expect(models.at(-1)).toMatchObject({
      name: 'mario:latest',
      model: 'mario:latest',
      size: 1000,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: { parent_model: 'org/tiny', family: 'llama' },
    })
    expect(models.at(-1)?.digest).not.toBe(models[0]?.digest)
    expect((await api.get('/v1/models')).body.data.map(({ id }: { id: string }) => id)).toContain('mario')
    expect((await api.get('/v1/models/mario')).body.id).toBe('mario')
    const shown = await client.show({ model: 'mario:latest' })
    expect(shown).toMatchObject({
      system: 'You are Mario.',
      license: 'MIT',
      messages: [{ role: 'user', content: 'Who?' }, { role: 'assistant' }],
      details: { parent_model: 'org/tiny' },
    })
    expect(shown.parameters.split('\n')).toEqual(expect.arrayContaining(['temperature 0.3', 'stop "END"', 'num_ctx 512']))
    expect(parseModelfile(shown.modelfile)).toMatchObject({
      from: 'org/tiny',
      system: 'You are Mario.',
      license: 'MIT',
      parameters: { temperature: 0.3, stop: ['END'] },
      messages: [
        { role: 'user', content: 'Who?' },
        { role: 'assistant', content: 'Me!' },
      ],
    })
  })

  it.each([
    ['/api/chat', { messages, stream: false }],
    ['/v1/chat/completions', { messages }],
    ['/v1/messages', { messages, max_tokens: 7 }],
    ['/v1/responses', { input: 'hello' }],
    ['/api/generate', { prompt: 'hello', stream: false }],
  ])('answers by %s with its own words and settings', async (path, fields) => {
    await makeMario()
    expect((await api.post(path, { model: 'mario', ...fields })).status).toBe(200)
    expect(api.inference.requests.at(-1)).toMatchObject({
      model: 'org/tiny',
      temperature: 0.3,
      stop: ['END'],
      contextTokens: 512,
      maxTokens: 7,
      seed: '4',
      prompt: {
        messages: [
          { role: 'system', content: 'You are Mario.' },
          { role: 'user', content: 'Who?' },
          { role: 'assistant', content: 'Me!' },
          { role: 'user', content: 'hello' },
        ],
      },
    })
  })

  it('lets a request say otherwise', async () => {
    await makeMario()
    await client.chat({
      model: 'mario',
      messages: [{ role: 'system', content: 'You are Luigi.' }, ...messages],
      options: { temperature: 1.5, stop: ['x'], num_ctx: 256, num_predict: 3, seed: 9 },
    })
    expect(api.inference.requests.at(-1)).toMatchObject({
      temperature: 1.5,
      stop: ['x'],
      contextTokens: 256,
      maxTokens: 3,
      seed: '9',
      prompt: { messages: [{ content: 'You are Luigi.' }, { content: 'Who?' }, { content: 'Me!' }, { content: 'hello' }] },
    })
  })

  it('has what its own source was made with, unless it is told otherwise', async () => {
    await makeMario()
    await client.create({ model: 'wario', from: 'mario', system: 'You are Wario.' })
    expect(await client.show({ model: 'wario' })).toMatchObject({
      system: 'You are Wario.',
      license: 'MIT',
      parameters: expect.stringContaining('temperature 0.3'),
    })
    await client.copy({ source: 'wario', destination: 'waluigi:2' })
    await client.chat({ model: 'waluigi:2', messages })
    expect(api.inference.requests.at(-1)).toMatchObject({
      model: 'org/tiny',
      prompt: { messages: [{ content: 'You are Wario.' }, {}, {}, {}] },
    })
  })

  it('goes by itself: its source stays', async () => {
    await client.copy({ source: 'tiny', destination: 'gpt-4o' })
    expect((await client.list()).models.map(({ name }) => name)).toContain('gpt-4o:latest')
    await client.delete({ model: 'gpt-4o' })
    expect((await client.list()).models.map(({ name }) => name)).toEqual(['org/tiny', '/models/other'])
    expect(api.deletedInstances).toEqual([])
    await expect(client.delete({ model: 'none' })).rejects.toMatchObject({ status_code: 404 })
  })

  it('is loaded, kept and unloaded as what it is made of, and no cloud name goes to it by chance', async () => {
    await makeMario()
    expect((await client.generate({ model: 'mario', prompt: '', keep_alive: '5m' })).done_reason).toBe('load')
    await expect.poll(() => api.keeps).toEqual([['org/tiny', 300_000]])
    expect((await client.ps()).models.map(({ name }) => name)).toEqual(['org/tiny'])
    expect((await api.post('/v1/chat/completions', { model: 'gpt-4o', messages })).headers.get('x-exo-model')).toBe('org/tiny')
    expect((await client.generate({ model: 'mario', prompt: '', keep_alive: 0 })).done_reason).toBe('unload')
    expect(api.deletedInstances).toEqual(['instance-1'])
  })

  it("are made from the loaded model by the name 'default', and by files that name their own reader", async () => {
    const modelfile = 'FROM default\nREQUIRES 0.14.0\nPARSER qwen3\nRENDERER "qwen3"\nSYSTEM Be brief.'
    expect((await api.post('/api/create', { model: 'newer', modelfile, stream: false })).body).toEqual({ status: 'success' })
    expect((await api.post('/api/show', { model: 'newer' })).body).toMatchObject({
      system: 'Be brief.',
      details: { parent_model: 'org/tiny' },
    })
  })

  it('is made of a Modelfile, as older clients send it', async () => {
    const modelfile =
      '# mine\nFROM tiny\nSYSTEM """You are\nMario."""\nPARAMETER temperature 0.5\nPARAMETER stop "A"\n' +
      'PARAMETER stop B\nMESSAGE user hi there\n\nLICENSE MIT'
    expect((await api.post('/api/create', { name: 'old', modelfile, stream: false })).body).toEqual({ status: 'success' })
    await client.chat({ model: 'old', messages })
    expect(api.inference.requests.at(-1)).toMatchObject({
      temperature: 0.5,
      stop: ['A', 'B'],
      prompt: { messages: [{ content: 'You are\nMario.' }, { content: 'hi there' }, { content: 'hello' }] },
    })
  })

  it.each([
    ['a file', { from: 'tiny', files: { 'x.gguf': 'sha256:0' } }, 'exo models import'],
    ['an adapter', { from: 'tiny', adapters: { x: 'sha256:0' } }, 'adapter'],
    ['quantizing', { from: 'tiny', quantize: 'q4_K_M' }, 'quantize'],
    ['no source', {}, 'from'],
    ['a setting that is none', { from: 'tiny', parameters: { temperature: 'hot' } }, 'temperature'],
    ['a line that is no instruction', { modelfile: 'FROM tiny\nNONSENSE x' }, 'NONSENSE'],
    ['text without an end', { modelfile: 'FROM tiny\nSYSTEM """x' }, '"""'],
  ])('is refused for %s, by name', async (_, fields, named) => {
    const { status, body } = await api.post('/api/create', { model: 'mine-too', stream: false, ...fields })
    expect([status, body.error]).toEqual([400, expect.stringContaining(named)])
  })

  it('takes no name of a model that is here', async () => {
    await expect(client.create({ model: 'tiny', from: '/models/other' })).rejects.toThrow('taken')
    await expect(client.copy({ source: 'none', destination: 'x' })).rejects.toMatchObject({ status_code: 404 })
  })

  it('is made of no blobs: they are refused before they are read', async () => {
    const { status } = await fetch(`${api.url}/api/blobs/sha256:${'0'.repeat(64)}`, { method: 'HEAD' })
    const upload = await fetch(`${api.url}/api/blobs/sha256:${'0'.repeat(64)}`, { method: 'POST', body: new Uint8Array(1000) })
    expect([status, upload.status, await upload.json()]).toEqual([404, 400, { error: expect.stringContaining('exo models import') }])
  })

  it('has a template of its own: of Go, as Ollama writes it', async () => {
    await client.create({
      model: 'plain',
      from: 'tiny',
      system: 'S',
      template: '{{ if .System }}<{{ .System }}>{{ end }}Q: {{ .Prompt }} A: {{ .Response }}!',
    })
    expect((await client.show({ model: 'plain' })).template).toContain('Q: {{ .Prompt }}')
    await client.chat({ model: 'plain', messages: [...messages, { role: 'assistant', content: 'yes' }, ...messages] })
    expect(api.inference.requests.at(-1)?.prompt).toEqual({ kind: 'text', text: '<S>Q: hello A: yes!Q: hello A: ' })
    await client.generate({ model: 'tiny', prompt: 'hello', template: '[{{ .Prompt }}]' })
    expect(api.inference.requests.at(-1)?.prompt).toEqual({ kind: 'text', text: '[hello]' })
    await client.generate({ model: 'tiny', prompt: 'hello', template: (await client.show({ model: 'tiny' })).template })
    expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ kind: 'messages' })
    for (const path of ['/api/create', '/api/generate'])
      expect(await api.post(path, { model: 'other', from: 'tiny', prompt: 'x', template: '{{ if }', stream: false })).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('template') },
      })
  })
})
