import OpenAI from 'openai'
import { cancels, fails, flow, holds, model, parameters, remembered, url } from './flows.mjs'

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
const hi = [{ role: 'user', content: 'hi' }]
const tools = [
  { type: 'function', function: { name: 'weather', parameters, parse: JSON.parse, function: ({ city }) => `rain in ${city}` } },
]

await flow('list', async () => holds(model, JSON.stringify((await client.models.list()).data)))
await flow('chat', async () =>
  holds('Hello from exo.', (await client.chat.completions.create({ model, messages: hi })).choices[0].message.content),
)
await flow('stream', async () => {
  let text = ''
  let usage = null
  for await (const chunk of await client.chat.completions.create({
    model,
    messages: hi,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  holds('Hello from exo.', text)
  if (!(usage?.completion_tokens > 0)) throw new Error('no usage')
})
await flow('tools', async () => {
  for (const stream of [false, true]) {
    holds('It says rain.', await client.chat.completions.runTools({ model, stream, messages: hi, tools }).finalContent())
  }
})
await flow('forced tool', async () => {
  const { choices } = await client.chat.completions.create({
    model,
    messages: hi,
    tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    tool_choice: 'required',
  })
  holds('Oslo', choices[0].message.tool_calls?.[0]?.function.arguments)
})
await flow('multi-turn', async () =>
  holds('Your name is Ann.', (await client.chat.completions.create({ model, messages: remembered })).choices[0].message.content),
)
await flow('responses', async () => {
  holds('Hello from exo.', (await client.responses.create({ model, input: 'hi' })).output_text)
  const stream = client.responses.stream({ model, input: 'hi' })
  for await (const event of stream) if (event.type === 'error') throw new Error(event.message)
  holds('completed', (await stream.finalResponse()).status)
})
await flow('structured', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
    required: ['name', 'age'],
    additionalProperties: false,
  }
  const { choices } = await client.chat.completions.create({
    model,
    messages: hi,
    response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } },
  })
  holds('Ann', JSON.parse(choices[0].message.content).name)
})
await flow('embeddings', async () => {
  const { data, usage } = await client.embeddings.create({ model, input: ['a text', 'another text', 'a text'] })
  const [first, second, again] = data.map(({ embedding }) => embedding)
  const cosine = (left, right) => left.reduce((sum, value, index) => sum + value * right[index], 0)
  if (!(cosine(first, again) > 0.9999)) throw new Error('the same text has two embeddings')
  if (!(cosine(first, second) < 0.9999)) throw new Error('two texts have the same embedding')
  if (!(usage.prompt_tokens > 0)) throw new Error('no usage')
})
await flow('cancel', () =>
  cancels(async () => {
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Count' }], stream: true })
    for await (const _ of stream) break
    stream.controller.abort()
  }),
)
await flow('errors', async () => {
  await fails(() => client.chat.completions.create({ model: 'nobody-has-this', messages: hi }), /404/)
  await fails(() => client.chat.completions.create({ model, messages: hi, temperature: 'warm' }), /400.*temperature/)
})
