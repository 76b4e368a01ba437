import Anthropic from '@anthropic-ai/sdk'
import { cancels, fails, flow, holds, model, parameters, remembered, url } from './flows.mjs'

const client = new Anthropic({ baseURL: url, apiKey: 'unused', maxRetries: 0 })
const hi = [{ role: 'user', content: 'hi' }]
const tools = [{ name: 'weather', description: 'The weather of a city', input_schema: parameters }]
const ask = (fields) => client.messages.create({ model, max_tokens: 100, messages: hi, ...fields })

await flow('list', async () => holds(model, JSON.stringify((await client.models.list()).data)))
await flow('chat', async () => holds('Hello from exo.', (await ask({})).content[0].text))
await flow('stream', async () => {
  const message = await client.messages.stream({ model, max_tokens: 100, messages: hi }).finalMessage()
  holds('Hello from exo.', message.content[0].text)
  if (!(message.usage.output_tokens > 0)) throw new Error('no usage')
})
await flow('tools', async () => {
  const { content, stop_reason: reason } = await client.messages.stream({ model, max_tokens: 100, messages: hi, tools }).finalMessage()
  holds('tool_use', reason)
  const use = content.find(({ type }) => type === 'tool_use')
  holds('Oslo', use.input.city)
  const answer = await ask({
    tools,
    messages: [
      ...hi,
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }] },
    ],
  })
  holds('It says rain.', answer.content[0].text)
})
await flow('forced tool', async () =>
  holds('Oslo', JSON.stringify((await ask({ tools, tool_choice: { type: 'tool', name: 'weather' } })).content)),
)
await flow('multi-turn', async () => holds('Your name is Ann.', (await ask({ messages: remembered })).content[0].text))
await flow('count tokens', async () => {
  if (!((await client.messages.countTokens({ model, messages: hi })).input_tokens > 0)) throw new Error('no tokens')
})
await flow('auth token', async () => {
  const other = new Anthropic({ baseURL: `${url}/`, authToken: 'unused', apiKey: null, maxRetries: 0 })
  holds('Hello from exo.', (await other.messages.create({ model, max_tokens: 100, messages: hi })).content[0].text)
})
await flow('structured', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
    required: ['name', 'age'],
    additionalProperties: false,
  }
  const { content } = await ask({ output_config: { format: { type: 'json_schema', schema } } })
  holds('Ann', JSON.parse(content[0].text).name)
})
await flow('cancel', () =>
  cancels(async () => {
    const stream = client.messages.stream({ model, max_tokens: 100_000, messages: [{ role: 'user', content: 'Count' }] })
    for await (const event of stream) if (event.type === 'content_block_delta') break
    stream.abort()
  }),
)
await flow('errors', async () => {
  await fails(() => ask({ model: 'nobody-has-this' }), /404/)
  await fails(() => ask({ max_tokens: 'many' }), /400.*max_tokens/)
})
