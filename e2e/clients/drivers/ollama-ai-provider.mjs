import { generateText, streamText, tool } from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { z } from 'zod'
import { flow, holds, model, url } from './flows.mjs'

const chat = createOllama({ baseURL: `${url}/api` })(model)
const once = { model: chat, maxRetries: 0 }
const weather = tool({ description: 'The weather of a city', inputSchema: z.object({ city: z.string() }) })

await flow('chat', async () => holds('Hello from exo.', (await generateText({ ...once, prompt: 'hi' })).text))
await flow('stream', async () => {
  let text = ''
  for await (const piece of streamText({ ...once, prompt: 'hi' }).textStream) text += piece
  holds('Hello from exo.', text)
})
await flow('tools', async () => {
  const { toolCalls } = await generateText({ ...once, prompt: 'How is the weather?', tools: { weather } })
  holds('Oslo', JSON.stringify(toolCalls))
})
