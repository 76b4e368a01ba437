import { ChatAnthropic } from '@langchain/anthropic'
import { tool } from '@langchain/core/tools'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'
import { flow, holds, model, remembered, url } from './flows.mjs'

const chats = {
  openai: new ChatOpenAI({ model, apiKey: 'unused', maxRetries: 0, configuration: { baseURL: `${url}/v1` } }),
  anthropic: new ChatAnthropic({ model, apiKey: 'unused', anthropicApiUrl: url, maxTokens: 100, maxRetries: 0 }),
  ollama: new ChatOllama({ model, baseUrl: url, maxRetries: 0 }),
}
const weather = tool(async ({ city }) => `rain in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
})
const withEach = (name, attempt, providers = Object.keys(chats)) =>
  flow(name, async () => {
    for (const provider of providers)
      await attempt(chats[provider]).catch((error) => Promise.reject(new Error(`${provider}: ${error.stack}`)))
  })

await withEach('chat', async (chat) => holds('Hello from exo.', (await chat.invoke('hi')).content))
await withEach('stream', async (chat) => {
  let text = ''
  for await (const chunk of await chat.stream('hi')) text += chunk.text
  holds('Hello from exo.', text)
})
await withEach('tools', async (chat) =>
  holds('Oslo', JSON.stringify((await chat.bindTools([weather]).invoke('How is the weather?')).tool_calls)),
)
await withEach('multi-turn', async (chat) => holds('Your name is Ann.', (await chat.invoke(remembered)).content))
// With Anthropic, LangChain forces a tool whose description the tiny model was not trained on.
await withEach(
  'structured',
  async (chat) => holds('Ann', (await chat.withStructuredOutput(z.object({ name: z.string(), age: z.number() })).invoke('hi')).name),
  ['openai', 'ollama'],
)
process.exit(0)
