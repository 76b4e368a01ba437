import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateObject, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { ABSENT, clientFlows, holds, remembered, textOf, url } from './flows.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false
const access = { baseURL: `${url}/v1`, apiKey: 'unused' }
const compatible = createOpenAICompatible({ name: 'exo', supportsStructuredOutputs: true, includeUsage: true, ...access })
const openai = createOpenAI(access)
const anthropic = createAnthropic(access)
const once = (provider) => (at) => ({ model: provider(at), maxRetries: 0 })
const tools = {
  weather: tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `rain in ${city}`,
  }),
}
const schema = z.object({ name: z.string(), age: z.number() })
const output = Output.object({ schema })

await clientFlows(
  { compatible: once(compatible), openai: once(openai), 'openai (chat)': once(openai.chat), anthropic: once(anthropic) },
  {
    chat: async (make) => (await generateText({ ...make(), prompt: 'hi' })).text,
    stream: (make) => textOf(streamText({ ...make(), prompt: 'hi' }).textStream),
    tools: async (make) => {
      const { text, steps } = await generateText({ ...make(), tools, stopWhen: stepCountIs(3), prompt: 'How is the weather?' })
      holds('2', steps.length)
      return text
    },
    'forced tool': async (make) =>
      holds('tool-calls', (await generateText({ ...make(), tools, toolChoice: 'required', prompt: 'hi' })).finishReason),
    'multi-turn': async (make) => (await generateText({ ...make(), messages: remembered })).text,
    structured: async (make) => (await generateText({ ...make(), output, prompt: 'hi' })).output.name,
    'structured stream': async (make) => {
      let last
      for await (const part of streamText({ ...make(), output, prompt: 'hi' }).partialOutputStream) last = part
      holds('Ann', last?.name)
    },
    object: async (make) => holds('Ann', (await generateObject({ ...make(), schema, prompt: 'hi' })).object.name),
    cancel: async (make) => {
      const controller = new AbortController()
      const { textStream } = streamText({ ...make(), prompt: 'Count', abortSignal: controller.signal })
      for await (const _ of textStream) break
      controller.abort()
    },
    errors: (make) => generateText({ ...make(ABSENT), prompt: 'hi' }),
  },
)
