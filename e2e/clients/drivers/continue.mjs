import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentFlows, QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

/** @returns the file of a configuration with this one model */
function configured(provider, apiBase, at = model) {
  const file = join(process.env.HOME, `${provider}.yaml`)
  const lines = [
    'name: exo',
    'version: 1.0.0',
    'schema: v1',
    'models:',
    '  - name: exo',
    `    provider: ${provider}`,
    `    model: ${JSON.stringify(at)}`,
    `    apiBase: ${apiBase}`,
    '    apiKey: unused',
    '    roles: [chat]',
    '    capabilities: [tool_use]',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const env = { CONTINUE_TELEMETRY_ENABLED: '0' }
const ask = (question, config, isNext = false) => ['--config', config, '--auto', ...(isNext ? ['--resume'] : []), '-p', question]

await agentFlows('cn', (question, at, isNext) => ask(question, configured('openai', `${url}/v1`, at), isNext), { env, hasNext: true })
await flow('ollama', async () =>
  says(/It says banana/, await runAgent('cn', ask(QUESTION, configured('ollama', `${url}/ollama`)), { env })),
)
