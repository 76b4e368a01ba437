import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { ResponseItem } from '../../../shared/wire/api/openai-responses.ts'
import { sayWords } from '../../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../../__fixtures__/start-test-api.ts'
import type { JournalPort } from '../../journal-port.ts'
import { type Conversation, StoredConversations } from './stored-conversations.ts'

let api: TestApi | null = null
afterEach(async () => {
  await api?.close()
  api = null
})
const start = async (): Promise<OpenAI> => {
  api = await startTestApi(sayWords(['Par', 'is']))
  return new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 })
}
const asked = (): string[] =>
  (api?.inference.requests.at(-1)?.prompt as { messages: { content: string }[] }).messages.map(({ content }) => content)

describe('conversations', () => {
  it('are created, read, changed and deleted', async () => {
    const client = await start()
    const made = await client.conversations.create({
      metadata: { topic: 'a' },
      items: [{ type: 'message', role: 'user', content: 'Hello' }],
    })
    expect(made).toMatchObject({ object: 'conversation', metadata: { topic: 'a' }, id: expect.stringMatching(/^conv_/) })
    expect(made.created_at).toBeTypeOf('number')
    expect(await client.conversations.update(made.id, { metadata: { topic: 'b' } })).toMatchObject({ metadata: { topic: 'b' } })
    expect(await client.conversations.retrieve(made.id)).toEqual({ ...made, metadata: { topic: 'b' } })
    const added = await client.conversations.items.create(made.id, {
      items: [{ role: 'user', content: [{ type: 'input_text', text: 'more' }] }],
    })
    expect(added.data).toMatchObject([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'more' }] }])
    const [first] = (await client.conversations.items.list(made.id, { order: 'asc' })).data
    expect(first).toMatchObject({ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] })
    const itemId = (first as { id: string }).id
    expect(await client.conversations.items.retrieve(itemId, { conversation_id: made.id })).toEqual(first)
    expect(await client.conversations.items.delete(itemId, { conversation_id: made.id })).toMatchObject({ id: made.id })
    await expect(client.conversations.items.retrieve(itemId, { conversation_id: made.id })).rejects.toMatchObject({ status: 404 })
    expect(await client.conversations.delete(made.id)).toEqual({ id: made.id, object: 'conversation.deleted', deleted: true })
    await expect(client.conversations.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: 'conversation_not_found' })
  })

  it('C5: one that has become large is kept, and takes nothing more until items of it are deleted', async () => {
    const client = await start()
    const { id } = await client.conversations.create({})
    const add = () => client.conversations.items.create(id, { items: [{ role: 'user', content: 'x'.repeat(6 << 20) }] })
    const { data } = await add()
    for (let more = 0; more < 2; more++) await add()
    const refusal = { status: 400, code: 'conversation_too_large' }
    await expect(add()).rejects.toMatchObject(refusal)
    await expect(client.responses.create({ model: 'tiny', input: 'Hi', conversation: id })).rejects.toMatchObject(refusal)
    expect((await client.conversations.retrieve(id)).id).toBe(id)
    await client.conversations.items.delete((data[0] as { id: string }).id, { conversation_id: id })
    expect((await add()).data).toHaveLength(1)
  })

  it('are continued by responses, which are added to them', async () => {
    const client = await start()
    const { id } = await client.conversations.create({ items: [{ role: 'developer', content: 'Be brief.' }] })
    const first = await client.responses.create({ model: 'tiny', input: 'one', conversation: id })
    expect(first.conversation).toEqual({ id })
    const events: string[] = []
    const stream = await client.responses.create({ model: 'tiny', input: 'two', conversation: { id }, stream: true, store: false })
    for await (const { type } of stream) events.push(type)
    expect(events.at(-1)).toBe('response.completed')
    expect(asked()).toEqual(['Be brief.', 'one', 'Paris', 'two'])
    const items = (await client.conversations.items.list(id, { order: 'asc', limit: 100 })).data
    expect(items.map((item) => ('role' in item ? item.role : item.type))).toEqual(['developer', 'user', 'assistant', 'user', 'assistant'])
    const inputs = await client.responses.inputItems.list(first.id, { order: 'asc' })
    expect(inputs.data).toHaveLength(2)
    await client.responses.create({ model: 'tiny', input: [{ type: 'item_reference', id: inputs.data[0]?.id ?? '' }], conversation: id })
    expect(asked()).toHaveLength(5)
  })

  it('are refused if they are not here, or named beside an earlier response', async () => {
    const client = await start()
    const unknown = client.responses.create({ model: 'tiny', input: 'hi', conversation: 'conv_none' })
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'conversation_not_found' })
    const { id } = await client.conversations.create({})
    const first = await client.responses.create({ model: 'tiny', input: 'hi', conversation: id })
    const both = client.responses.create({ model: 'tiny', input: 'hi', conversation: id, previous_response_id: first.id })
    await expect(both).rejects.toMatchObject({ status: 400, param: 'conversation' })
  })
})

const said = (id: string, text = 'x'): ResponseItem => ({ type: 'message', id, role: 'user', content: text })
const conversation = (id: string, ...items: ResponseItem[]): Conversation => ({ id, createdS: 1, metadata: { a: 'b' }, items })

function memoryJournal(): JournalPort & { lines: string[] } {
  return {
    lines: [],
    isBehind: false,
    takeLines() {
      return [...this.lines]
    },
    append(lines) {
      this.lines.push(...lines)
    },
    rewrite(lines) {
      this.lines = [...lines]
    },
  }
}

describe('stored conversations', () => {
  it('are there after a restart, as they were', () => {
    const journal = memoryJournal()
    const stored = new StoredConversations({ journal, now: () => 0 })
    stored.create(conversation('a', said('1'), said('2')))
    stored.create(conversation('b'))
    stored.add('a', [said('3')])
    stored.removeItem('a', '2')
    stored.setMetadata('a', { c: 'd' })
    stored.remove('b')
    journal.lines.push('{"type":"items","id":"a","it', '{"type":"items","id":"gone","items":[],"usedEpochMs":1}')
    const again = new StoredConversations({ journal, now: () => 0 })
    expect(again.find('a')).toEqual({ ...conversation('a', said('1'), said('3')), metadata: { c: 'd' } })
    expect([again.find('b'), again.find('gone')]).toEqual([null, null])
    expect(new StoredConversations({ journal, now: () => 31 * 24 * 3_600_000 }).find('a')).toBeNull()
  })

  it('lose the ones used longest ago, and hold no more bytes than they may', () => {
    const stored = new StoredConversations({ limits: { most: 2, mostBytes: 2050 }, now: () => 0 })
    for (const id of ['a', 'b']) stored.create(conversation(id))
    stored.add('a', [said('1')])
    stored.create(conversation('c'))
    expect(['a', 'b', 'c'].map((id) => stored.find(id) !== null)).toEqual([true, false, true])
    stored.add('c', [said('large', 'x'.repeat(1900))])
    expect(['a', 'c'].map((id) => stored.find(id) !== null)).toEqual([false, true])
  })
})
