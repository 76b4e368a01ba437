import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { ABSENT, clientFlows, remembered, textOf, url } from './flows.mjs'

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => 'rain in Oslo',
})
const schema = z.object({ name: z.string(), age: z.number() })
const agent = (at, { tools = {} }) =>
  new Agent({
    id: 'helper',
    name: 'helper',
    instructions: '',
    model: { id: `exo/${at}`, url: `${url}/v1`, apiKey: 'unused' },
    tools,
    maxRetries: 0,
  })

await clientFlows(
  { chat: agent },
  {
    chat: async (make) => (await make().generate('hi')).text,
    stream: async (make) => textOf((await make().stream('hi')).textStream),
    tools: async (make) => (await make(undefined, { tools: { weather } }).generate('How is the weather?')).text,
    'multi-turn': async (make) => (await make().generate(remembered)).text,
    structured: async (make) => (await make().generate('Ann is 3', { structuredOutput: { schema } })).object.name,
    cancel: async (make) => {
      const controller = new AbortController()
      for await (const _ of (await make().stream('Count', { abortSignal: controller.signal })).textStream) controller.abort()
    },
    errors: (make) => make(ABSENT).generate('hi'),
  },
)
process.exit(0)
