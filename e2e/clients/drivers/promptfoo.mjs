import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const env = {
  PROMPTFOO_DISABLE_TELEMETRY: '1',
  PROMPTFOO_DISABLE_UPDATE: '1',
  OPENAI_API_KEY: 'unused',
  ANTHROPIC_API_KEY: 'unused',
  OLLAMA_BASE_URL: url,
}
const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}

/** Asks a provider one question and demands a text in the answer; null: any answer. */
async function evaluates(provider, wanted) {
  const file = join(process.env.HOME, 'promptfoo.json')
  writeFileSync(
    file,
    JSON.stringify({
      prompts: ['hi'],
      providers: [provider],
      tests: [{ assert: wanted === null ? [] : [{ type: 'contains', value: wanted }] }],
    }),
  )
  says(/1 passed/, await runAgent('promptfoo', ['eval', '-c', file, '--no-cache', '--no-progress-bar', '--no-write'], { env }))
}

const apiBaseUrl = `${url}/v1`
await flow('chat', () => evaluates({ id: `openai:chat:${model}`, config: { apiBaseUrl } }, 'Hello from exo.'))
await flow('responses', () => evaluates({ id: `openai:responses:${model}`, config: { apiBaseUrl } }, 'Hello from exo.'))
await flow('messages', () => evaluates({ id: `anthropic:messages:${model}`, config: { apiBaseUrl: url } }, 'Hello from exo.'))
await flow('completion', () => evaluates({ id: `openai:completion:${model}`, config: { apiBaseUrl, max_tokens: 8 } }, null))
await flow('ollama', async () => {
  await evaluates({ id: `ollama:chat:${model}` }, 'Hello from exo.')
  await evaluates({ id: `ollama:completion:${model}` }, 'Hello from exo.')
})
await flow('json', () => evaluates({ id: `openai:chat:${model}`, config: { apiBaseUrl, response_format: { type: 'json_object' } } }, '{'))
await flow('structured', () => {
  const json = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } }
  return evaluates({ id: `openai:chat:${model}`, config: { apiBaseUrl, response_format: json } }, 'Ann')
})
