import { ChatAnthropic } from '@langchain/anthropic'
import { tool } from '@langchain/core/tools'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import { z } from 'zod'
import { ABSENT, clientFlows, holds, only, remembered, textOf, url } from './flows.mjs'

const openai = (at, fields) =>
  new ChatOpenAI({ model: at, apiKey: 'unused', maxRetries: 0, configuration: { baseURL: `${url}/v1` }, ...fields })
const weather = tool(async ({ city }) => `rain in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
})
const person = z.object({ name: z.string(), age: z.number() })
const question = { role: 'user', content: 'How is the weather?' }

await clientFlows(
  {
    openai,
    responses: (at) => openai(at, { useResponsesApi: true }),
    anthropic: (at) => new ChatAnthropic({ model: at, apiKey: 'unused', anthropicApiUrl: url, maxTokens: 16_000, maxRetries: 0 }),
    ollama: (at) => new ChatOllama({ model: at, baseUrl: url, maxRetries: 0 }),
  },
  {
    chat: async (make) => (await make().invoke('hi')).text,
    stream: async (make) => textOf(await make().stream('hi'), (piece) => piece.text),
    tools: async (make) => {
      const chat = make().bindTools([weather])
      const message = await chat.invoke([question])
      const result = await weather.invoke(message.tool_calls[0])
      holds('Oslo', result.content)
      return (await chat.invoke([question, message, result])).text
    },
    'multi-turn': async (make) => (await make().invoke(remembered)).text,
    // With Anthropic, LangChain forces a tool whose description the tiny model was not trained on.
    structured: only(['openai', 'responses', 'ollama'], async (make) => (await make().withStructuredOutput(person).invoke('hi')).name),
    cancel: async (make) => {
      const controller = new AbortController()
      const pieces = await make().stream('Count', { signal: controller.signal })
      await textOf(pieces, (piece) => piece.text !== '' && controller.abort()).catch((error) => {
        if (!/abort/i.test(String(error))) throw error
      })
    },
    errors: (make) => make(ABSENT).invoke('hi'),
  },
)
process.exit(0)
