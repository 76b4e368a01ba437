import { Ollama } from 'ollama'
import { cancels, fails, flow, holds, model, parameters, remembered, url } from './flows.mjs'

const client = new Ollama({ host: url })
const hi = [{ role: 'user', content: 'hi' }]
const tools = [{ type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters } }]

await flow('list', async () => holds(model, JSON.stringify((await client.list()).models)))
await flow('chat', async () => holds('Hello from exo.', (await client.chat({ model, messages: hi })).message.content))
await flow('stream', async () => {
  let text = ''
  for await (const part of await client.chat({ model, messages: hi, stream: true })) text += part.message.content
  holds('Hello from exo.', text)
})
await flow('tools', async () => {
  const { message } = await client.chat({ model, messages: hi, tools })
  holds('Oslo', JSON.stringify(message.tool_calls))
  const answer = await client.chat({ model, tools, messages: [...hi, message, { role: 'tool', tool_name: 'weather', content: 'rain' }] })
  holds('It says rain.', answer.message.content)
})
await flow('multi-turn', async () => holds('Your name is Ann.', (await client.chat({ model, messages: remembered })).message.content))
await flow('structured', async () => {
  const format = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } }, required: ['name', 'age'] }
  holds('Ann', JSON.parse((await client.chat({ model, messages: hi, format })).message.content).name)
})
await flow('embeddings', async () => {
  const { embeddings } = await client.embed({ model, input: ['a text', 'another text'] })
  for (const vector of embeddings) if (Math.abs(Math.hypot(...vector) - 1) > 1e-3) throw new Error('an embedding is not of length 1')
  const { embedding } = await client.embeddings({ model, prompt: 'a text' })
  if (embedding.length !== embeddings[0].length) throw new Error('the two routes differ')
})
await flow('version', async () => holds('.', (await client.version()).version))
await flow('cancel', () =>
  cancels(async () => {
    const answer = await client.chat({ model, messages: [{ role: 'user', content: 'Count' }], stream: true })
    try {
      for await (const _ of answer) answer.abort()
    } catch (error) {
      if (error.name !== 'AbortError') throw error
    }
  }),
)
await flow('errors', () => fails(() => client.chat({ model: 'nobody-has-this', messages: hi }), /not|nobody/))
