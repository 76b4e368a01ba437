import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post, stream } from '../node/call-api.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const FAMILIES = ['hermes', 'qwen-coder', 'glm', 'mistral', 'llama', 'harmony', 'deepseek', 'kimi', 'minimax'] as const
const THINKING: readonly string[] = ['glm', 'harmony', 'minimax']
const CITY = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 12 } },
  required: ['city'],
  additionalProperties: false,
}
const ASKS = 'How is the weather in Oslo?'
/** The model would greet, so only the grammar makes it call. */
const GREETS = 'Good morning!'

interface Told {
  readonly name: string | undefined
  readonly city: unknown
  readonly text: string
  readonly reasoning: string
}
const told = (name: string | undefined, json: unknown, text: string, reasoning = ''): Told => ({
  name,
  city: name === undefined ? undefined : ((typeof json === 'string' ? JSON.parse(json) : json) as { city: unknown }).city,
  text: text.trim(),
  reasoning: reasoning.trim(),
})

const RESULT = 'It rains.'
const functionOf = { name: 'weather', parameters: CITY }
const chatBody = (content: string) => ({ messages: [{ role: 'user', content }], tools: [{ type: 'function', function: functionOf }] })

/** The conversation after a call and its result, in the form that Chat and Ollama share but for the arguments. */
const chatHistory = (given: unknown): object => ({
  messages: [
    { role: 'user', content: ASKS },
    { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: given } }] },
    { role: 'tool', tool_call_id: 'call_1', tool_name: 'weather', content: RESULT },
  ],
})

/** How a client of each API asks for a call, and reads it. */
const APIS = {
  chat: {
    path: '/v1/chat/completions',
    body: chatBody,
    history: chatHistory('{"city": "Oslo"}'),
    forced: [{ tool_choice: 'required' }, { tool_choice: { type: 'function', function: { name: 'weather' } } }],
    alone: { parallel_tool_calls: false },
    whole: (body: any) => {
      const { message } = body.choices[0]
      const call = message.tool_calls?.[0]?.function
      return told(call?.name, call?.arguments, message.content ?? '', message.reasoning_content)
    },
    streamed: (events: readonly any[]) => {
      const deltas = events.flatMap((event) => event.choices?.map((choice: any) => choice.delta) ?? [])
      const calls = deltas.flatMap((delta) => delta.tool_calls ?? []).map((call) => call.function ?? {})
      const json = calls.map((call) => call.arguments ?? '').join('')
      const joined = (field: string): string => deltas.map((delta) => delta[field] ?? '').join('')
      return told(calls.find((call) => call.name)?.name, json, joined('content'), joined('reasoning_content'))
    },
  },
  responses: {
    path: '/v1/responses',
    body: (input: string) => ({ input, store: false, tools: [{ type: 'function', ...functionOf }] }),
    history: {
      input: [
        { role: 'user', content: ASKS },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city": "Oslo"}' },
        { type: 'function_call_output', call_id: 'call_1', output: RESULT },
      ],
    },
    forced: [{ tool_choice: 'required' }, { tool_choice: { type: 'function', name: 'weather' } }],
    alone: { parallel_tool_calls: false },
    whole: (body: any) => responseOf(body.output),
    streamed: (events: readonly any[]) => responseOf(events.find((event) => event.type === 'response.completed')?.response.output),
  },
  messages: {
    path: '/v1/messages',
    body: (content: string) => ({
      messages: [{ role: 'user', content }],
      tools: [{ name: 'weather', input_schema: CITY }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    }),
    history: {
      messages: [
        { role: 'user', content: ASKS },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: RESULT }] },
      ],
    },
    forced: [
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
      { tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true } },
    ],
    alone: {},
    whole: ({ content }: any) => {
      const of = (type: string): any => content.find((part: any) => part.type === type)
      return told(of('tool_use')?.name, of('tool_use')?.input, of('text')?.text ?? '', of('thinking')?.thinking)
    },
    streamed: (events: readonly any[]) => {
      const name = events.find((event) => event.content_block?.type === 'tool_use')?.content_block.name
      const joined = (field: string): string => events.map((event) => event.delta?.[field] ?? '').join('')
      return told(name, joined('partial_json'), joined('text'), joined('thinking'))
    },
  },
  ollama: {
    path: '/api/chat',
    body: chatBody,
    history: chatHistory({ city: 'Oslo' }),
    // Ollama's API has no choice of tools.
    forced: [],
    alone: {},
    whole: ({ message }: any) => {
      const call = message.tool_calls?.[0]?.function
      return told(call?.name, call?.arguments, message.content, message.thinking)
    },
    streamed: null,
  },
} as const

function responseOf(output: readonly any[]): Told {
  const of = (type: string): any => output.find((item) => item.type === type)
  const call = of('function_call')
  const reasoning = of('reasoning')
  const thought = (reasoning?.content ?? reasoning?.summary ?? []).map((part: any) => part.text).join('')
  return told(call?.name, call?.arguments, of('message')?.content?.[0]?.text ?? '', thought)
}

describe.each(FAMILIES)('a model that was trained to call tools as %s does', (family) => {
  let node: RunningExo
  let model: string

  beforeAll(async () => {
    const script = join(projectDir, 'setup', 'tools', 'train-call-models.mjs')
    const { status, stdout, stderr } = await runProgram(process.execPath, [script], { timeoutMs: 1_200_000 })
    if (status !== 0) throw new Error(stderr)
    model = join(stdout.trim(), family)
    node = await startExo({ arguments: ['--no-default-model', '--model', model] })
  }, 1_300_000)
  afterAll(() => node?.stop())

  it.each(Object.entries(APIS))(
    'calls when it wants to and when it must, and reads the result, whole and streamed: %s',
    async (_name, api) => {
      const limits = { model, temperature: 0, max_tokens: 2000, max_output_tokens: 2000 }
      const ask = async (content: string, more: object): Promise<Told[]> => {
        const body = { ...limits, ...api.body(content), ...more }
        const { status, body: whole } = await post(node.apiUrl, api.path, { ...body, stream: false })
        expect(status, JSON.stringify(whole)).toBe(200)
        if (api.streamed === null) return [api.whole(whole)]
        const events: any[] = []
        for await (const event of stream(node.apiUrl, api.path, { ...body, stream: true })) events.push(event)
        return [api.whole(whole), api.streamed(events)]
      }
      for (const call of await ask(ASKS, {})) {
        expect(call).toMatchObject({ name: 'weather', city: 'Oslo', text: '' })
        if (THINKING.includes(family)) expect(call.reasoning).toMatch(/rain/i)
      }
      for (const greeting of await ask(GREETS, {})) expect(greeting).toMatchObject({ name: undefined, text: 'Hello from exo.' })
      for (const answer of await ask(ASKS, api.history)) expect(answer).toMatchObject({ name: undefined, text: 'The tool has answered.' })
      for (const forced of api.forced) {
        const more = { ...forced, ...api.alone }
        for (const call of await ask(ASKS, more)) expect(call).toMatchObject({ name: 'weather', city: 'Oslo' })
        for (const call of await ask(GREETS, more)) expect(call).toMatchObject({ name: 'weather', city: expect.any(String) })
      }
    },
  )
})
