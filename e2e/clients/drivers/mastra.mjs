import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { flow, holds, model, url } from './flows.mjs'

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async () => 'rain in Oslo',
})
const agent = (tools = {}) =>
  new Agent({ id: 'helper', name: 'helper', instructions: '', model: { id: `exo/${model}`, url: `${url}/v1`, apiKey: 'unused' }, tools })

await flow('chat', async () => holds('Hello from exo.', (await agent().generate('hi')).text))
await flow('stream', async () => {
  let text = ''
  for await (const piece of (await agent().stream('hi')).textStream) text += piece
  holds('Hello from exo.', text)
})
await flow('tools', async () => holds('It says rain.', (await agent({ weather }).generate('How is the weather?')).text))
await flow('structured', async () => {
  const schema = z.object({ name: z.string(), age: z.number() })
  holds('Ann', (await agent().generate('Ann is 3', { structuredOutput: { schema } })).object.name)
})
process.exit(0)
