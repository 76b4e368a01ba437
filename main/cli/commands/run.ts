import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { apiFailure } from '../../shared/api-failure.ts'
import type { JsonObject } from '../../shared/formats/json-value.ts'
import type { NodeClient } from '../node-client.ts'
import type { Terminal } from '../terminal.ts'

export interface RunFlags {
  system?: string
  temperature?: number
  maxTokens?: number
  seed?: number
  /** Every answer must match it. */
  schema?: JsonObject
}

interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

const Chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional() })).optional(),
  error: z.object({ message: z.string(), code: z.string().nullish() }).optional(),
})

/** `exo run MODEL [PROMPT]`: prints one answer, or holds a conversation if there is no prompt. */
export async function run(
  client: NodeClient,
  model: string,
  prompt: string | null,
  flags: RunFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const messages: Message[] = flags.system === undefined ? [] : [{ role: 'system', content: flags.system }]
  const ask = async (content: string): Promise<void> => {
    messages.push({ role: 'user', content })
    messages.push({ role: 'assistant', content: await answer(client, model, messages, flags, terminal, signal) })
  }
  if (prompt !== null) return ask(prompt)

  const input = createInterface({ input: process.stdin, output: process.stderr })
  const isTerminal = process.stdin.isTTY === true
  if (isTerminal) input.setPrompt('> ')
  if (isTerminal) input.prompt()
  signal.addEventListener('abort', () => input.close(), { once: true })
  for await (const line of input) {
    if (line.trim() !== '') await ask(line)
    if (isTerminal) input.prompt()
  }
}

async function answer(
  client: NodeClient,
  model: string,
  messages: readonly Message[],
  flags: RunFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  let text = ''
  const { temperature, maxTokens, seed, schema } = flags
  const format =
    schema === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } }
  const body = { model, messages, stream: true, temperature, max_tokens: maxTokens, seed, ...format }
  for await (const payload of client.stream('/v1/chat/completions', body, signal)) {
    const chunk = Chunk.parse(payload)
    if (chunk.error) throw apiFailure(chunk.error.code, chunk.error.message)
    const delta = chunk.choices?.[0]?.delta?.content ?? ''
    text += delta
    terminal.say(delta)
  }
  terminal.write('\n')
  return text
}
