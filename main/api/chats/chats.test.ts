import { afterEach, describe, expect, it } from 'vitest'
import type { InferencePart } from '../../shared/inference/inference.ts'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { accepted, inferenceEnd, type Script, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestAnswer, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
afterEach(() => api.close())

const text = (said: string): InferencePart => ({ type: 'text-delta', choiceIndex: 0, text: said, tokens: [textToken(said, 1)] })
const choiceEnd = (finishReason: 'stop' | 'length' | 'cancelled'): InferencePart => ({
  type: 'choice-end',
  choiceIndex: 0,
  finishReason,
  stopString: null,
  completionTokens: 2,
})

/** Says its words; the rest waits until `resume` is called. */
function script(
  words: readonly string[],
  { finishReason = 'stop', isHeld = false }: { finishReason?: 'stop' | 'length'; isHeld?: boolean } = {},
) {
  const held = pending<void>()
  const says: Script = async function* (request, signal) {
    yield accepted(request)
    for (const [index, word] of words.entries()) {
      if (isHeld && index === 1)
        await Promise.race([
          held.promise,
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
        ])
      yield text(word)
    }
    yield choiceEnd(finishReason)
    yield inferenceEnd(3, words.length)
  }
  return { says, resume: () => held.resolve() }
}

const QUESTION = { text: 'Capital of France?', modelId: 'tiny', settings: {} }
const call = async (method: string, path: string, body?: unknown): Promise<TestAnswer> => {
  const response = await fetch(api.url + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}
const settled = async (id: string): Promise<any> => {
  await expect.poll(async () => (await api.get(`/chats/${id}`)).body.messages.at(-1).status).not.toBe('streaming')
  return (await api.get(`/chats/${id}`)).body
}
const contents = (chat: any): string[] => pathTo(chat.messages, chat.leafId).map((message: any) => message.content)
const events = (body: string): any[] =>
  body
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice(6)))

describe('/chats', () => {
  it('answers a question in the background and keeps both', async () => {
    api = await startTestApi(script(['Par', 'is']).says)
    const { status, body } = await api.post('/chats', { ...QUESTION, settings: { systemPrompt: 'Be brief.', temperature: 0 } })
    expect([status, body.title, body.messages.map((message: any) => message.status)]).toEqual([
      200,
      'Capital of France?',
      ['complete', 'streaming'],
    ])
    const chat = await settled(body.id)
    expect(chat.messages[1]).toMatchObject({ content: 'Paris', status: 'complete', stats: { promptTokens: 3, ttftMs: 5 } })
    expect(api.inference.requests[0]).toMatchObject({
      temperature: 0,
      prompt: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Capital of France?' },
        ],
      },
    })
    await expect.poll(() => api.chatFiles.kept.get(body.id)?.messages[1]?.content).toBe('Paris')
    const { chats } = (await api.get('/chats')).body
    expect(chats).toEqual([expect.objectContaining({ id: body.id, title: 'Capital of France?', isAnswering: false })])
  })

  it('saves an answer while it streams, and goes on when its reader goes', async () => {
    const { says, resume } = script(['Par', 'is'], { isHeld: true })
    api = await startTestApi(says)
    const { body } = await api.post('/chats', QUESTION)
    const path = `/chats/${body.id}/messages/${body.leafId}/stream`
    const reader = new AbortController()
    const response = await fetch(api.url + path, { signal: reader.signal })
    const first = await response.body?.getReader().read()
    expect(new TextDecoder().decode(first?.value)).toContain('"type":"message"')
    reader.abort()
    await expect.poll(() => api.chatFiles.kept.get(body.id)?.messages[1]?.content, { timeout: 5_000 }).toBe('Par')
    expect((await api.get('/chats')).body.chats[0].isAnswering).toBe(true)

    const late = await fetch(api.url + path)
    resume()
    const told = events(await late.text())
    expect(told[0].message).toMatchObject({ content: 'Par', status: 'streaming' })
    expect(told.at(-1).message).toMatchObject({ content: 'Paris', status: 'complete' })
    expect(events((await api.get(path)).body)).toEqual([{ type: 'message', message: expect.objectContaining({ content: 'Paris' }) }])
  })

  it('keeps every version of a question and of an answer', async () => {
    api = await startTestApi(script(['yes']).says)
    const { id, messages, leafId } = (await api.post('/chats', QUESTION)).body
    await settled(id)
    await api.post(`/chats/${id}/questions`, { text: 'And of Spain?', parentId: leafId, modelId: 'tiny' })
    await settled(id)
    const again = (await api.post(`/chats/${id}/answers`, { questionId: messages[0].id, modelId: 'tiny' })).body
    expect(again.messages).toEqual([expect.objectContaining({ role: 'assistant', parentId: messages[0].id, status: 'streaming' })])
    expect(contents(await settled(id))).toEqual(['Capital of France?', 'yes'])
    await api.post(`/chats/${id}/questions`, { text: 'Capital of Italy?', parentId: null, modelId: 'tiny' })
    const chat = await settled(id)
    expect([contents(chat), chat.messages.length]).toEqual([['Capital of Italy?', 'yes'], 7])
    const last = api.inference.requests.at(-1)
    expect(last?.prompt).toMatchObject({ messages: [{ role: 'user', content: 'Capital of Italy?' }] })
    expect((await call('PATCH', `/chats/${id}`, { leafId })).status).toBe(200)
    expect(contents((await api.get(`/chats/${id}`)).body)).toEqual(['Capital of France?', 'yes'])
  })

  it('keeps both turns of two windows that ask at the same time', async () => {
    api = await startTestApi(script(['yes']).says)
    const { id, leafId } = (await api.post('/chats', QUESTION)).body
    await settled(id)
    const ask = (asked: string): Promise<TestAnswer> =>
      api.post(`/chats/${id}/questions`, { text: asked, parentId: leafId, modelId: 'tiny' })
    expect((await Promise.all([ask('from A'), ask('from B')])).map(({ status }) => status)).toEqual([200, 200])
    const chat = await settled(id)
    expect(chat.messages.map((message: any) => message.content)).toEqual(expect.arrayContaining(['from A', 'from B']))
  })

  it('F21: tells the probability of each token of an answer, and begins another answer with one of the alternatives', async () => {
    const answers = script(['Par', 'is'])
    const prompt = [textToken('Q?\n', 5, -2), textToken('Par', 1, -0.5), textToken('is', 2, -0.1)]
    let says: Script = answers.says
    api = await startTestApi((request, signal) => says(request, signal))
    const { id, leafId, messages } = (await api.post('/chats', QUESTION)).body
    await settled(id)
    says = async function* (request) {
      yield accepted(request)
      yield { type: 'prompt-tokens', tokens: prompt }
      yield choiceEnd('length')
      yield inferenceEnd(3, 1)
    }
    const { status, body } = await api.get(`/chats/${id}/messages/${leafId}/tokens`)
    expect(status).toBe(200)
    expect(body.tokens).toEqual([
      { text: 'Par', probability: Math.exp(-0.5), alternatives: [{ text: '?', probability: Math.exp(-1.5) }] },
      { text: 'is', probability: Math.exp(-0.1), alternatives: [{ text: '?', probability: Math.exp(-1.1) }] },
    ])
    expect(api.inference.requests.at(-1)).toMatchObject({ promptLogprobs: true, maxTokens: 1, prompt: { answerStart: { text: 'Paris' } } })
    says = script([' large.']).says
    const again = { questionId: messages[0].id, modelId: 'tiny', start: 'Par? ' }
    await api.post(`/chats/${id}/answers`, again)
    expect(contents(await settled(id))).toEqual(['Capital of France?', 'Par? large.'])
    expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ answerStart: { text: 'Par?' } })
    expect((await api.get(`/chats/${id}/messages/${messages[0].id}/tokens`)).status).toBe(404)
  })

  it('F23: asks two models at once, and goes on after the answer that is kept', async () => {
    const { says, resume } = script(['ye', 's'], { isHeld: true })
    api = await startTestApi(says)
    const started = (await api.post('/chats', { ...QUESTION, otherModelId: 'small' })).body
    const { id, messages, leafId } = started
    expect(messages.map(({ modelId, besideId }: any) => [modelId, besideId])).toEqual([
      [null, null],
      ['tiny', null],
      ['small', leafId],
    ])
    const otherId = messages[2].id
    await expect.poll(() => api.inference.requests.map(({ model }) => model).sort()).toEqual(['small', 'tiny'])
    const kept = (await api.post(`/chats/${id}/messages/${otherId}/keep`, {})).body
    expect(kept.chat.leafId).toBe(otherId)
    expect(kept.messages.map(({ besideId }: any) => besideId)).toEqual([null, null])
    resume()
    await settled(id)
    await expect.poll(async () => (await api.get(`/chats/${id}`)).body.messages.map(({ status }: any) => status)).not.toContain('streaming')
    const chat = (await api.get(`/chats/${id}`)).body
    expect(chat).toMatchObject({ leafId: otherId, modelId: 'small', messages: [{}, { content: 'yes' }, { content: 'yes' }] })
    expect(chat.messages.map(({ besideId }: any) => besideId)).toEqual([null, null, null])
    const asked = { text: 'Sure?', parentId: otherId, modelId: 'tiny', otherModelId: 'small' }
    const next = (await api.post(`/chats/${id}/questions`, asked)).body
    const [, first, other] = next.messages
    expect([next.chat.leafId, other.besideId]).toEqual([first.id, first.id])
    await api.post(`/chats/${id}/messages/${first.id}/keep`, {})
    expect(await settled(id)).toMatchObject({ leafId: first.id, modelId: 'tiny' })
  })

  it('continues an answer that was cut', async () => {
    api = await startTestApi(script(['Par', 'is ']).says)
    const cut = script(['Paris ', 'is '], { finishReason: 'length' })
    await api.close()
    let says = cut.says
    api = await startTestApi((...asked) => says(...asked))
    const { id, leafId } = (await api.post('/chats', QUESTION)).body
    expect((await settled(id)).messages[1]).toMatchObject({ status: 'cut', content: 'Paris is ' })
    says = script([' large.']).says
    expect((await api.post(`/chats/${id}/messages/${leafId}/continue`, {})).body.messages).toEqual([
      expect.objectContaining({ id: leafId, status: 'streaming', content: 'Paris is' }),
    ])
    const chat = await settled(id)
    expect(chat.messages[1]).toMatchObject({ status: 'complete', content: 'Paris is large.', stats: { completionTokens: 3 } })
    expect(api.inference.requests.at(-1)?.prompt).toMatchObject({ answerStart: { text: 'Paris is' } })
  })

  it('says that an answer is interrupted when its node ended', async () => {
    api = await startTestApi(script(['yes']).says)
    const { body } = await api.post('/chats', QUESTION)
    await settled(body.id)
    const chat = api.chatFiles.kept.get(body.id)
    if (!chat) return expect.fail('the chat is not kept')
    api.chatFiles.kept.set(body.id, { ...chat, messages: chat.messages.map((message) => ({ ...message, status: 'streaming' })) })
    expect((await api.get(`/chats/${body.id}`)).body.messages[1]).toMatchObject({ status: 'interrupted', content: 'yes' })
  })

  it('tells why an answer failed', async () => {
    api = await startTestApi(async function* () {
      yield* []
      throw new Error('secret')
    })
    const { body } = await api.post('/chats', QUESTION)
    const chat = await settled(body.id)
    expect(chat.messages[1]).toMatchObject({ status: 'failed', error: expect.not.stringContaining('secret') })
    expect(api.logged.join('\n')).toContain('an answer of a chat failed')
  })

  it('deletes a chat, restores it, and deletes all', async () => {
    const { says } = script(['Par', 'is'], { isHeld: true })
    api = await startTestApi(says)
    const { id } = (await api.post('/chats', QUESTION)).body
    const removed = (await call('DELETE', `/chats/${id}`)).body
    expect([removed.id, (await api.get(`/chats/${id}`)).status, api.chatFiles.kept.size]).toEqual([id, 404, 0])
    expect((await api.post('/chats/import', { chats: [removed] })).body).toEqual({ imported: [id], skipped: [], damaged: [] })
    expect((await api.post('/chats/import', { chats: [removed] })).body).toEqual({ imported: [], skipped: [id], damaged: [] })
    await expect.poll(() => api.inference.open.size).toBe(0)
    expect((await api.get(`/chats/${id}`)).body.messages[1].status).toBe('interrupted')
    const exported = (await api.get('/chats/export')).body
    expect(exported).toMatchObject({ format: 'exo-chats', version: 1, chats: [{ id }] })
    expect((await call('DELETE', '/chats')).body).toEqual({ deleted: 1 })
    expect((await api.post('/chats/import', exported)).body).toEqual({ imported: [id], skipped: [], damaged: [] })
  })

  it('finds chats by their words, and renames and pins them', async () => {
    api = await startTestApi(script(['A café in Paris is lovely.']).says)
    const { id } = (await api.post('/chats', QUESTION)).body
    await settled(id)
    await api.post('/chats', { ...QUESTION, text: 'Something else' })
    expect((await api.get('/chats?search=FRANCE')).body.chats).toEqual([expect.objectContaining({ id, excerpt: 'Capital of France?' })])
    expect((await call('PATCH', `/chats/${id}`, { title: 'Geography', isPinned: true })).body).toMatchObject({ title: 'Geography' })
    expect((await api.get('/chats')).body.chats.map(({ title }: any) => title)).toEqual(['Geography', 'Something else'])
  })

  it('takes each chat once from pages that import the same ones at the same time', async () => {
    api = await startTestApi(script(['yes']).says)
    const chats = Array.from({ length: 8 }, (_, index) => ({
      id: `moved-chat-${index}`,
      title: '',
      createdAtMs: 1,
      updatedAtMs: 1,
      modelId: null,
      settings: {},
      messages: [{ id: 'message-1', parentId: null, role: 'user', content: 'x', atMs: 1 }],
    }))
    const answers = await Promise.all([1, 2, 3].map(() => api.post('/chats/import', { chats })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const imported = answers.flatMap(({ body }) => (body as { imported: string[] }).imported)
    expect(imported.toSorted()).toEqual(chats.map(({ id }) => id))
  })

  it('refuses what is not a chat, an unknown message, and a chat that is full', async () => {
    const { says } = script(['Par', 'is'], { isHeld: true })
    api = await startTestApi(says)
    const { id, leafId } = (await api.post('/chats', QUESTION)).body
    const ask = { text: 'x', parentId: leafId, modelId: 'tiny' }
    const status = async (path: string, body: unknown): Promise<unknown> => (await api.post(path, body)).status
    expect(await status(`/chats/${id}/questions`, ask)).toBe(409)
    expect(await status(`/chats/${id}/questions`, { ...ask, parentId: 'unknown-message' })).toBe(404)
    expect(await status(`/chats/${id}/questions`, { ...ask, text: ' ' })).toBe(400)
    expect(await status('/chats/unknown-chat/questions', ask)).toBe(404)
    expect(await status('/chats/..%2F..%2Fidentity/questions', ask)).toBe(400)
    expect(await status('/chats/import', { chats: [{ id: '../../x' }] })).toBe(400)
    const message = { id: 'message-1', parentId: 'message-2', role: 'user', content: 'x', atMs: 1 }
    const chat = { id: 'imported-chat', title: '', createdAtMs: 1, updatedAtMs: 1, modelId: null, settings: {}, messages: [message] }
    const sound = { ...chat, id: 'sound-chat', messages: [{ ...message, parentId: null }] }
    expect((await api.post('/chats/import', { chats: [chat, sound] })).body).toEqual({
      imported: [sound.id],
      skipped: [],
      damaged: [chat.id],
    })
  })

  it('loses no question to a full disk: it says so', async () => {
    api = await startTestApi(script(['yes']).says)
    api.chatFiles.failure = new Error('no space')
    expect((await api.post('/chats', QUESTION)).status).toBe(500)
    expect(api.inference.requests).toEqual([])
  })

  it('stops an answer and keeps its text', async () => {
    api = await startTestApi(async function* (request, signal) {
      yield accepted(request)
      yield text('Par')
      await new Promise<void>((resolve) => {
        const look = setInterval(() => {
          if (!cancelled) return
          clearInterval(look)
          resolve()
        }, 5)
        signal.addEventListener('abort', () => clearInterval(look))
      })
      yield choiceEnd('cancelled')
      yield inferenceEnd(3, 1)
    })
    let cancelled = false
    api.inference.cancel = () => (cancelled = true)
    const { id, leafId } = (await api.post('/chats', QUESTION)).body
    await expect.poll(async () => (await api.get(`/chats/${id}`)).body.messages[1].content).toBe('Par')
    expect((await api.post(`/chats/${id}/messages/${leafId}/stop`, {})).body).toEqual({ stopped: true })
    expect((await settled(id)).messages[1]).toMatchObject({ status: 'stopped', content: 'Par' })
  })

  it('F7: gives the model the files of a question, keeps them with it, and finds chats by them', async () => {
    api = await startTestApi(script(['Herons']).says)
    const attachments = [{ name: 'birds.csv', text: 'heron,3' }]
    const { status, body } = await api.post('/chats', { text: '', attachments, modelId: 'tiny', settings: {} })
    expect([status, body.title, body.messages[0].attachments]).toEqual([200, 'birds.csv', attachments])
    await settled(body.id)
    expect(api.inference.requests[0]).toMatchObject({
      prompt: { messages: [{ role: 'user', content: '<file name="birds.csv">\nheron,3\n</file>' }] },
    })
    expect((await api.get('/chats?search=heron,3')).body.chats[0].excerpt).toContain('birds.csv: heron,3')
    for (const wrong of [[{ name: 'a\nb', text: 'x' }], [{ name: '', text: 'x' }], new Array(21).fill(attachments[0])])
      expect((await api.post('/chats', { ...QUESTION, attachments: wrong })).status).toBe(400)
    expect((await api.post('/chats', { ...QUESTION, text: ' ' })).body.error.message).toContain('it is empty')
  })
})
