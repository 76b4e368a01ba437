import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

/** @returns the file of a configuration with this one model */
function configured(provider, apiBase) {
  const file = join(process.env.HOME, `${provider}.yaml`)
  const lines = [
    'name: exo',
    'version: 1.0.0',
    'schema: v1',
    'models:',
    '  - name: exo',
    `    provider: ${provider}`,
    `    model: ${JSON.stringify(model)}`,
    `    apiBase: ${apiBase}`,
    '    apiKey: unused',
    '    roles: [chat]',
    '    capabilities: [tool_use]',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const env = { CONTINUE_TELEMETRY_ENABLED: '0' }
const ask = (provider, apiBase) => runAgent('cn', ['--config', configured(provider, apiBase), '--auto', '-p', QUESTION], { env })

await flow('tools', async () => says(/It says banana/, await ask('openai', `${url}/v1`)))
await flow('ollama', async () => says(/It says banana/, await ask('ollama', `${url}/ollama`)))
