import { generateText, stepCountIs, streamText, tool } from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { z } from 'zod'
import { ABSENT, clientFlows, remembered, textOf, url } from './flows.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false
const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
})

await clientFlows(
  { ollama: (at) => ({ model: createOllama({ baseURL: `${url}/api` })(at), maxRetries: 0 }) },
  {
    chat: async (make) => (await generateText({ ...make(), prompt: 'hi' })).text,
    stream: (make) => textOf(streamText({ ...make(), prompt: 'hi' }).textStream),
    tools: async (make) =>
      (await generateText({ ...make(), prompt: 'How is the weather?', tools: { weather }, stopWhen: stepCountIs(3) })).text,
    'multi-turn': async (make) => (await generateText({ ...make(), messages: remembered })).text,
    cancel: async (make) => {
      const controller = new AbortController()
      const { textStream } = streamText({ ...make(), prompt: 'Count', abortSignal: controller.signal })
      for await (const _ of textStream) break
      controller.abort()
    },
    errors: (make) => generateText({ ...make(ABSENT), prompt: 'hi' }),
  },
)
