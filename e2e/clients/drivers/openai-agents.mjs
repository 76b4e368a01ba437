import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { flow, holds, model, url } from './flows.mjs'

setTracingDisabled(true)
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
})
const withEach = (name, attempt) =>
  flow(name, async () => {
    for (const Model of [OpenAIChatCompletionsModel, OpenAIResponsesModel])
      await attempt({ name: 'helper', model: new Model(client, model) })
  })

await withEach('chat', async (options) => holds('Hello from exo.', (await run(new Agent(options), 'hi')).finalOutput))
await withEach('tools', async (options) =>
  holds('It says rain.', (await run(new Agent({ ...options, tools: [weather] }), 'How is the weather?')).finalOutput),
)
await withEach('stream', async (options) => {
  const result = await run(new Agent({ ...options, tools: [weather] }), 'How is the weather?', { stream: true })
  for await (const _ of result);
  holds('It says rain.', result.finalOutput)
})
await withEach('structured', async (options) =>
  holds('Ann', (await run(new Agent({ ...options, outputType: z.object({ name: z.string(), age: z.number() }) }), 'hi')).finalOutput.name),
)
process.exit(0)
