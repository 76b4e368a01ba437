import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'
import { cancels, fails, flow, holds, model, remembered, url } from './flows.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false
const access = { baseURL: `${url}/v1`, apiKey: 'unused' }
const providers = {
  compatible: createOpenAICompatible({ name: 'exo', supportsStructuredOutputs: true, ...access }),
  openai: createOpenAI(access),
  anthropic: createAnthropic(access),
}
const tools = {
  weather: tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `rain in ${city}`,
  }),
}
/** Runs each flow with each provider. */
const withEach = (name, run) =>
  flow(name, async () => {
    for (const [provider, at] of Object.entries(providers)) {
      await run({ model: at(model), maxRetries: 0 }).catch((error) => {
        throw new Error(`${provider}: ${error.message} ${error.responseBody ?? ''}`)
      })
    }
  })

await withEach('chat', async (options) => holds('Hello from exo.', (await generateText({ ...options, prompt: 'hi' })).text))
await withEach('stream', async (options) => {
  const { textStream } = streamText({ ...options, prompt: 'hi' })
  let text = ''
  for await (const part of textStream) text += part
  holds('Hello from exo.', text)
})
await withEach('tools', async (options) => {
  const { text, steps } = await generateText({ ...options, tools, stopWhen: stepCountIs(3), prompt: 'How is the weather?' })
  holds('It says rain.', text)
  holds('2', steps.length)
})
await withEach('forced tool', async (options) =>
  holds('tool-calls', (await generateText({ ...options, tools, toolChoice: 'required', prompt: 'hi' })).finishReason),
)
await withEach('multi-turn', async (options) => holds('Your name is Ann.', (await generateText({ ...options, messages: remembered })).text))
const output = Output.object({ schema: z.object({ name: z.string(), age: z.number() }) })
await withEach('structured', async (options) => holds('Ann', (await generateText({ ...options, output, prompt: 'hi' })).output.name))
await withEach('structured stream', async (options) => {
  let last
  for await (const part of streamText({ ...options, output, prompt: 'hi' }).partialOutputStream) last = part
  holds('Ann', last?.name)
})
await withEach('cancel', (options) =>
  cancels(async () => {
    const controller = new AbortController()
    const { textStream } = streamText({ ...options, prompt: 'Count', abortSignal: controller.signal })
    for await (const _ of textStream) break
    controller.abort()
  }),
)
await flow('errors', () =>
  fails(() => generateText({ model: providers.openai('nobody-has-this'), maxRetries: 0, prompt: 'hi' }), /nobody-has-this/),
)
