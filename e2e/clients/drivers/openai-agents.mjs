import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool, webSearchTool } from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { ABSENT, clientFlows, holds, only, url } from './flows.mjs'

setTracingDisabled(true)
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
})
const person = z.object({ name: z.string(), age: z.number() })
const agent = (Model) => (at, fields) => new Agent({ name: 'helper', model: new Model(client, at), ...fields })
const ask = async (helper, question) => (await run(helper, question)).finalOutput

await clientFlows(
  { chat: agent(OpenAIChatCompletionsModel), responses: agent(OpenAIResponsesModel) },
  {
    chat: (make) => ask(make(), 'hi'),
    tools: (make) => ask(make(undefined, { tools: [weather] }), 'How is the weather?'),
    stream: async (make) => {
      const result = await run(make(), 'hi', { stream: true })
      for await (const _ of result);
      return result.finalOutput
    },
    'multi-turn': async (make) => {
      const first = await run(make(), 'My name is Ann.')
      return ask(make(), [...first.history, { role: 'user', content: 'What is my name?' }])
    },
    structured: async (make) => (await ask(make(undefined, { outputType: person }), 'hi')).name,
    handoff: async (make) => holds('Hello from exo.', await ask(make(undefined, { handoffs: [make(undefined, { name: 'other' })] }), 'hi')),
    'hosted tools': only(['responses'], async (make) =>
      holds('Hello from exo.', await ask(make(undefined, { tools: [webSearchTool()] }), 'hi')),
    ),
    cancel: async (make) => {
      const controller = new AbortController()
      const result = await run(make(), 'Count', { stream: true, signal: controller.signal })
      for await (const _ of result.toTextStream()) break
      controller.abort()
    },
    errors: (make) => ask(make(ABSENT), 'hi'),
  },
)
process.exit(0)
