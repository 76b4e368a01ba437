import { afterEach, expect, it } from 'vitest'
import { writeCalls } from '../../domain/generation/calls/__fixtures__/write-calls.ts'
import { CALL_FORMS, type CallFormName } from '../../domain/generation/calls/call-forms.ts'
import { accepted, inferenceEnd, type Script, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    lines: { type: 'integer' },
    isNew: { type: 'boolean' },
    owner: { type: ['string', 'null'] },
    tags: { type: 'array', items: { type: 'string' } },
  },
}
const CALLS = [
  { name: 'write', args: { path: 'a "b" é😀\\n </tool_call> {c}', lines: 3, isNew: true, owner: null, tags: ['x', 'y, z'] } },
  { name: 'write', args: {} },
]
const messages = [{ role: 'user', content: 'Write.' }]
const functions = [{ type: 'function', function: { name: 'write', parameters: schema } }]

type Data = ReturnType<typeof JSON.parse>
interface Told {
  readonly calls: { readonly name: string; readonly args: unknown }[]
  readonly content: string
  readonly reasoning: string
}

/** For each API: its request, and what a whole answer and the events of a stream tell. */
const APIS: readonly {
  readonly path: string
  readonly body: object
  readonly whole: (body: Data) => Told
  readonly streamed: (events: Data[]) => Told
}[] = [
  {
    path: '/v1/chat/completions',
    body: { messages, tools: functions },
    whole: ({ choices: [{ message }] }) => ({
      calls: (message.tool_calls ?? []).map((call: Data) => ({ name: call.function.name, args: JSON.parse(call.function.arguments) })),
      content: message.content ?? '',
      reasoning: message.reasoning_content ?? '',
    }),
    streamed: (events) => {
      const deltas = events.map(({ choices }) => choices?.[0]?.delta ?? {})
      const pieces = deltas.flatMap(({ tool_calls: calls = [] }) => calls as Data[])
      const places = [...new Set(pieces.map(({ index }) => index as number))]
      const joined = (key: string): string => deltas.map((delta) => delta[key] ?? '').join('')
      return {
        calls: places.map((place) => {
          const own = pieces.filter(({ index }) => index === place)
          return { name: own[0].function.name, args: JSON.parse(own.map((piece) => piece.function.arguments ?? '').join('')) }
        }),
        content: joined('content'),
        reasoning: joined('reasoning_content'),
      }
    },
  },
  {
    path: '/v1/responses',
    body: { input: 'Write.', tools: [{ type: 'function', name: 'write', parameters: schema }] },
    whole: ({ output }) => toldByItems(output),
    streamed: (events) => {
      const items = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)
      for (const [place, item] of items.entries()) {
        if (item.type !== 'function_call') continue
        const deltas = events.filter(({ type, output_index: at }) => type === 'response.function_call_arguments.delta' && at === place)
        expect(deltas.map(({ delta }) => delta).join('')).toBe(item.arguments)
      }
      return toldByItems(items)
    },
  },
  {
    path: '/v1/messages',
    body: {
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      messages,
      tools: [{ name: 'write', input_schema: schema }],
    },
    whole: ({ content }) => ({
      calls: content.filter(({ type }: Data) => type === 'tool_use').map(({ name, input }: Data) => ({ name, args: input })),
      content: content.map((block: Data) => (block.type === 'text' ? block.text : '')).join(''),
      reasoning: content.map((block: Data) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    }),
    streamed: (events) => {
      const blocks = events.filter(({ type }) => type === 'content_block_start')
      const joined = (index: number, key: string): string =>
        events.map((event) => (event.type === 'content_block_delta' && event.index === index ? (event.delta[key] ?? '') : '')).join('')
      const all = (kind: string, key: string): string =>
        blocks.map(({ index, content_block: block }) => (block.type === kind ? joined(index, key) : '')).join('')
      return {
        calls: blocks
          .filter(({ content_block: block }) => block.type === 'tool_use')
          .map(({ index, content_block: block }) => ({ name: block.name, args: JSON.parse(joined(index, 'partial_json') || '{}') })),
        content: all('text', 'text'),
        reasoning: all('thinking', 'thinking'),
      }
    },
  },
  {
    path: '/api/chat',
    body: { messages, tools: functions },
    whole: ({ message }) => toldByMessage([message]),
    streamed: (events) => toldByMessage(events.map(({ message }) => message)),
  },
]

const toldByItems = (items: Data[]): Told => ({
  calls: items.filter(({ type }) => type === 'function_call').map((item) => ({ name: item.name, args: JSON.parse(item.arguments) })),
  content: items.flatMap(({ type, content }) => (type === 'message' ? content.map((part: Data) => part.text) : [])).join(''),
  reasoning: items
    .flatMap(({ type, content, summary }) =>
      type === 'reasoning' ? (content?.length > 0 ? content : summary).map(({ text }: Data) => text) : [],
    )
    .join(''),
})
const toldByMessage = (pieces: Data[]): Told => ({
  calls: pieces.flatMap(({ tool_calls: calls = [] }) =>
    calls.map((call: Data) => ({ name: call.function.name, args: call.function.arguments })),
  ),
  content: pieces.map(({ content }) => content ?? '').join(''),
  reasoning: pieces.map(({ thinking }) => thinking ?? '').join(''),
})

let api: TestApi
afterEach(() => api.close())

/** Says what the model has written, a few letters at a time. */
const saying = (written: () => string): Script =>
  async function* (request) {
    yield accepted(request)
    for (const [place, letter] of (written().match(/.{1,3}/gsu) ?? []).entries())
      yield { type: 'text-delta', choiceIndex: 0, text: letter, tokens: [textToken(letter, place)] }
    yield { type: 'choice-end', choiceIndex: 0, finishReason: 'stop', stopString: null, completionTokens: 9 }
    yield inferenceEnd(3, 9)
  }

async function ask(target: (typeof APIS)[number], stream: boolean): Promise<Told> {
  const response = await fetch(api.url + target.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', ...target.body, stream }),
  })
  const text = await response.text()
  if (!stream) return target.whole(JSON.parse(text))
  const lines = text.split('\n').map((line) => line.replace(/^data: /, ''))
  return target.streamed(lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)))
}

/** GPT-OSS's answers are read by their own channels, which its prompt announces. */
const forms = (Object.keys(CALL_FORMS) as CallFormName[]).filter((form) => form !== 'harmony')

it.each(forms)('every API tells the same calls, streamed and whole, of a model that writes them as %s', async (form) => {
  const calls = writeCalls(form, CALLS)
  let written = ''
  api = await startTestApi(saying(() => written))
  const meant = CALLS.map(({ name, args }) => ({ name, args }))
  const isBare = CALL_FORMS[form].section[0] === '[' || CALL_FORMS[form].call[0].startsWith('{"name"')
  const answers: readonly (readonly [text: string, told: Told])[] = [
    [calls, { calls: meant, content: '', reasoning: '' }],
    [`<think>I ask.</think>${calls}`, { calls: meant, content: '', reasoning: 'I ask.' }],
    ...(isBare ? [] : [[`Here it is.\n${calls}`, { calls: meant, content: 'Here it is.', reasoning: '' }] as const]),
  ]
  for (const [text, told] of answers) {
    written = text
    for (const target of APIS)
      for (const stream of [false, true]) {
        const found = await ask(target, stream)
        expect([target.path, stream, { ...found, content: found.content.trim(), reasoning: found.reasoning.trim() }]).toEqual([
          target.path,
          stream,
          told,
        ])
      }
  }
})
