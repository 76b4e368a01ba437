import { afterEach, describe, expect, it } from 'vitest'
import type { FinishReason } from '../../shared/inference/inference.ts'
import { accepted, inferenceEnd, type Script, textToken } from '../__fixtures__/scripted-inference.ts'
import { startTestApi, type TestApi } from '../__fixtures__/start-test-api.ts'

const schema = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } } }
const functions = [{ type: 'function', function: { name: 'write', parameters: schema } }]
const messages = [{ role: 'user', content: 'Write.' }]
const ARGUMENTS = '{"path":"a.txt","content":"one\\ntwo 😀 three"}'
const CALL = '<tool_call>\n{"name": "write", "arguments": {"path": "a.txt", "content": "one\ntwo 😀 three"}}\n</tool_call>'
/** The text after this is sent only once `release` has been called. */
const HELD = ' three'

interface Told {
  readonly names: string[]
  /** By call. */
  readonly json: string[]
}
type Data = ReturnType<typeof JSON.parse>

/** For each API: how to request a stream, and what one of its events contains about calls. */
const APIS: readonly {
  readonly path: string
  readonly body: object
  readonly read: (data: Data, told: Told) => void
  readonly ends: Readonly<Record<'tool-calls' | 'length' | 'stop', string>>
}[] = [
  {
    path: '/v1/chat/completions',
    body: { messages, tools: functions },
    read: ({ choices }, { names, json }) => {
      for (const call of choices?.[0]?.delta.tool_calls ?? []) {
        if (call.function.name !== undefined) names.push(call.function.name)
        json[call.index] = (json[call.index] ?? '') + call.function.arguments
      }
    },
    ends: { 'tool-calls': '"finish_reason":"tool_calls"', length: '"finish_reason":"length"', stop: '"finish_reason":"stop"' },
  },
  {
    path: '/v1/responses',
    body: { input: 'Write.', tools: [{ type: 'function', name: 'write', parameters: schema }] },
    read: ({ type, output_index: place, item, delta }, { names, json }) => {
      if (type === 'response.output_item.added' && item.type === 'function_call') names.push(item.name)
      if (type === 'response.function_call_arguments.delta') json[place] = (json[place] ?? '') + delta
    },
    ends: { 'tool-calls': '"status":"completed"', length: '"type":"response.incomplete"', stop: '"type":"response.completed"' },
  },
  {
    path: '/v1/messages',
    body: { max_tokens: 100, messages, tools: [{ name: 'write', input_schema: schema }] },
    read: ({ type, index, content_block: block, delta }, { names, json }) => {
      if (type === 'content_block_start' && block.type === 'tool_use') names.push(block.name)
      if (delta?.type === 'input_json_delta') json[index] = (json[index] ?? '') + delta.partial_json
    },
    ends: { 'tool-calls': '"stop_reason":"tool_use"', length: '"stop_reason":"max_tokens"', stop: '"stop_reason":"end_turn"' },
  },
]

let api: TestApi
afterEach(() => api.close())

/** Sends a text letter by letter, and waits in the middle. */
function halting(text: string, finishReason: FinishReason = 'stop'): { readonly script: Script; readonly release: () => void } {
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const at = text.indexOf(HELD)
  return {
    release: () => release(),
    script: async function* (request) {
      yield accepted(request)
      for (const [place, letter] of [...text].entries()) {
        if (at >= 0 && place === [...text.slice(0, at)].length) await released
        yield { type: 'text-delta', choiceIndex: 0, text: letter, tokens: [textToken(letter, place)] }
      }
      yield { type: 'choice-end', choiceIndex: 0, finishReason, stopString: null, completionTokens: text.length }
      yield inferenceEnd(3, text.length)
    },
  }
}

async function* lines(path: string, body: object): AsyncGenerator<string> {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', stream: true, ...body }),
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true })
    const all = text.split('\n')
    text = all.pop() ?? ''
    yield* all
  }
  yield text
}

const dataOf = (line: string): Data => (line.startsWith('data: {') ? JSON.parse(line.slice(6)) : null)

/** Everything that a stream says about calls; `onTold` runs after each event. */
async function follow(
  { path, body, read }: (typeof APIS)[number],
  onTold: (told: Told) => void = () => undefined,
): Promise<Told & { readonly raw: string }> {
  const told: Told = { names: [], json: [] }
  let raw = ''
  for await (const line of lines(path, body)) {
    raw += `${line}\n`
    const data = dataOf(line)
    if (data) read(data, told)
    onTold(told)
  }
  return { names: told.names, json: told.json.filter((json) => json !== undefined), raw }
}

describe.each(APIS)('a call that $path streams', (target) => {
  it('has its name and the beginning of its arguments before the model has written the rest', async () => {
    const { script, release } = halting(CALL)
    api = await startTestApi(script)
    let early = ''
    const { names, json, raw } = await follow(target, (told) => {
      early = told.json.find((text) => text !== undefined) ?? ''
      // The rest is sent only once this much has arrived: a server that holds calls back would never end.
      if (early.includes('one\\ntwo 😀')) release()
    })
    expect({ names, json }).toEqual({ names: ['write'], json: [ARGUMENTS] })
    expect(raw).toContain(target.ends['tool-calls'])
  })

  it('is followed by the next one', async () => {
    const second = CALL.replace('a.txt', 'b.txt')
    api = await startTestApi(halting((CALL + second).replaceAll(HELD, '')).script)
    const { names, json, raw } = await follow(target)
    const expected = ARGUMENTS.replace(HELD, '')
    expect({ names, json }).toEqual({ names: ['write', 'write'], json: [expected, expected.replace('a.txt', 'b.txt')] })
    expect(raw).toContain(target.ends['tool-calls'])
  })

  it('H01: ends as it is where the limit cuts it, with the reason', async () => {
    api = await startTestApi(halting(CALL.slice(0, CALL.indexOf(HELD)), 'length').script)
    const { names, json, raw } = await follow(target)
    expect({ names, json }).toEqual({ names: ['write'], json: [ARGUMENTS.slice(0, ARGUMENTS.indexOf(HELD))] })
    expect(raw).toContain(target.ends.length)
    expect(raw).not.toContain('<tool_call>')
  })

  it('is followed by the text itself where that turns out to be no call', async () => {
    const text = '<tool_call>{"name": "write", "arguments": {"path": nowhere}}</tool_call> so'
    api = await startTestApi(halting(text).script)
    const { names, raw } = await follow(target)
    expect(names).toEqual(['write'])
    expect(raw).toContain('nowhere}}</tool_call>')
    expect(raw).toContain(target.ends.stop)
  })

  it('is dropped with all its pieces where only one was asked for', async () => {
    api = await startTestApi(halting((CALL + CALL).replaceAll(HELD, '')).script)
    const body = {
      ...target.body,
      parallel_tool_calls: false,
      ...(target.path === '/v1/messages' ? { tool_choice: { type: 'auto', disable_parallel_tool_use: true } } : {}),
    }
    const { names, json } = await follow({ ...target, body })
    expect({ names, json }).toEqual({ names: ['write'], json: [ARGUMENTS.replace(HELD, '')] })
  })
})

it('a call in a whole answer that the limit cut is none, in every API', async () => {
  api = await startTestApi(halting(CALL.slice(0, CALL.indexOf(HELD)), 'length').script)
  for (const { path, body } of APIS) {
    const answer = JSON.stringify((await api.post(path, { model: 'tiny', ...body })).body)
    expect(answer).toContain('<tool_call>')
    expect(answer).not.toMatch(/"tool_calls"|"tool_use"|"function_call"/)
  }
})

it('Ollama streams a call as its own server does: whole', async () => {
  api = await startTestApi(halting(CALL.replace(HELD, '')).script)
  const calls: unknown[] = []
  for await (const line of lines('/api/chat', { messages, tools: functions }))
    if (line !== '') calls.push(...(JSON.parse(line).message.tool_calls ?? []))
  expect(calls).toMatchObject([{ function: { name: 'write', arguments: { path: 'a.txt', content: 'one\ntwo 😀' } } }])
})
