import { afterEach, describe, expect, it } from 'vitest'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import type { InferencePart } from '../../shared/inference/inference.ts'
import { accepted, inferenceEnd, type Script, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

let api: TestApi
afterEach(() => api.close())

/** Each answer says the next of these texts. */
const saying = (...texts: readonly string[]): Script => {
  let answer = 0
  return async function* (request) {
    yield accepted(request)
    const text = texts[Math.min(answer, texts.length - 1)] ?? ''
    answer += 1
    yield { type: 'text-delta', choiceIndex: 0, text, tokens: [textToken(text, 1)] } satisfies InferencePart
    yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 1 }
    yield inferenceEnd(3, 1)
  }
}
const call = (name: string, input: object): string =>
  `<tool_call>${JSON.stringify({ name: `world__${name}`, arguments: input })}</tool_call>`
const ask = async (settings: object = {}): Promise<string> =>
  (await api.post('/chats', { text: 'How is the weather?', modelId: 'tiny', settings: { toolServers: ['world'], ...settings } })).body.id
/** The answers of a chat, once none is being generated and no call runs. */
const settled = async (id: string): Promise<any[]> => {
  await expect
    .poll(async () => {
      const { messages } = (await api.get(`/chats/${id}`)).body
      return messages.some((message: any) => message.status === 'streaming' || message.calls.some(({ state }: any) => state === 'running'))
    })
    .toBe(false)
  // The next answer begins right after the last call.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const chat = (await api.get(`/chats/${id}`)).body
  return pathTo<any>(chat.messages, chat.leafId).filter(({ role }) => role === 'assistant')
}
const decide = (id: string, message: any, decision: string, index = 0) =>
  api.post(`/chats/${id}/messages/${message.id}/calls/${encodeURIComponent(message.calls[index].id)}`, { decision })
const states = (answers: any[]): string[][] => answers.map(({ calls }) => calls.map(({ state }: any) => state))

describe('tools of a chat', () => {
  it('waits for the user, runs the call, and answers with its result', async () => {
    api = await startTestApi(saying(`Let me see. ${call('weather', { city: 'Oslo' })}`, 'It rains.'))
    const id = await ask()
    const [first] = await settled(id)
    expect(first).toMatchObject({ content: 'Let me see.', status: 'complete' })
    expect(first.calls).toMatchObject([{ server: 'world', tool: 'weather', argumentsJson: '{"city":"Oslo"}', state: 'asking' }])
    expect(api.inference.requests[0]?.prompt).toMatchObject({ tools: [{ name: 'world__weather' }, { name: 'world__wait' }] })
    expect((await decide(id, first, 'once')).status).toBe(200)
    await expect.poll(async () => (await settled(id)).length).toBe(2)
    const [asked, answered] = await settled(id)
    expect(asked.calls).toMatchObject([{ state: 'done', result: 'rain in Oslo' }])
    expect(answered).toMatchObject({ content: 'It rains.', parentId: asked.id })
    expect(api.inference.requests[1]?.prompt).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', toolCalls: [{ name: 'world__weather', argumentsJson: '{"city":"Oslo"}' }] },
        { role: 'tool', content: 'rain in Oslo' },
      ],
    })
    expect((await decide(id, asked, 'once')).status).toBe(409)
  })
  it('tells the model of a refusal, and of a failure', async () => {
    api = await startTestApi(saying(call('weather', { city: 'Oslo' }) + call('weather', { city: 'Atlantis' }), 'I see.'))
    const id = await ask()
    const [first] = await settled(id)
    await decide(id, first, 'refuse')
    expect(states(await settled(id))).toEqual([['refused', 'asking']])
    await decide(id, first, 'once', 1)
    await expect.poll(async () => states(await settled(id))).toEqual([['refused', 'failed'], []])
    expect(api.inference.requests[1]?.prompt).toMatchObject({
      messages: [{}, {}, { role: 'tool', content: 'The user did not allow this call.' }, { role: 'tool', content: 'rain in Atlantis' }],
    })
  })
  it('asks no more for a tool that is always allowed, and not for ever', async () => {
    api = await startTestApi(saying(call('weather', { city: 'Oslo' })))
    const id = await ask({ allowedTools: ['world/weather'] })
    await expect.poll(async () => (await settled(id)).length, { timeout: 10_000 }).toBe(25)
    expect((await settled(id)).at(-1).calls).toMatchObject([{ state: 'done' }])
  })
  it('remembers what is always allowed in this chat', async () => {
    api = await startTestApi(saying(call('weather', { city: 'Oslo' }), call('weather', { city: 'Rome' }), 'Wet.'))
    const id = await ask()
    const [first] = await settled(id)
    await decide(id, first, 'always')
    await expect.poll(async () => (await settled(id)).length).toBe(3)
    expect((await api.get(`/chats/${id}`)).body.settings.allowedTools).toEqual(['world/weather'])
  })
  it('does not take from a file what may run without a question', async () => {
    api = await startTestApi(saying('Hello.'))
    const id = await ask({ allowedTools: ['world/weather'] })
    await settled(id)
    const chat = (await api.get(`/chats/${id}`)).body
    await api.post('/chats/import', { chats: [{ ...chat, id: 'imported-chat' }] })
    expect((await api.get('/chats/imported-chat')).body.settings.allowedTools).toEqual([])
  })
  it('stops a running call', async () => {
    api = await startTestApi(saying(call('wait', {}), 'Stopped.'))
    const id = await ask()
    const [first] = await settled(id)
    await decide(id, first, 'once')
    await decide(id, first, 'refuse')
    await expect.poll(async () => states(await settled(id))).toEqual([['refused'], []])
  })
  it('has no tools unless the chat names their server, and fails calls of tools that nobody has', async () => {
    api = await startTestApi(saying('Hello.'))
    await settled(await ask({ toolServers: [] }))
    expect(api.inference.requests[0]?.prompt).toMatchObject({ tools: [] })
    expect((await api.get('/mcp')).body).toMatchObject({
      problem: null,
      servers: [{ name: 'world', tools: [{ name: 'weather' }, { name: 'wait' }] }],
    })
  })
  it('asks again for a call that ran when the node ended', async () => {
    api = await startTestApi(saying(call('weather', { city: 'Oslo' }), 'Wet.'))
    const id = await ask()
    const [first] = await settled(id)
    const kept = api.chatFiles.kept.get(id)
    const messages = kept!.messages.map((message) => ({
      ...message,
      calls: message.calls.map((made) => ({ ...made, state: 'running' as const })),
    }))
    api.chatFiles.kept.set(id, { ...kept!, messages })
    expect(states(await settled(id))).toEqual([['asking']])
    expect((await decide(id, first, 'once')).status).toBe(200)
    await expect.poll(async () => (await settled(id)).length).toBe(2)
  })
})
