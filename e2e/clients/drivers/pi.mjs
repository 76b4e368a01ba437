import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const APIS = { 'openai-completions': `${url}/v1`, 'openai-responses': `${url}/v1`, 'anthropic-messages': url }
const home = join(process.env.HOME, '.pi', 'agent')
mkdirSync(home, { recursive: true })
const providers = Object.fromEntries(
  Object.entries(APIS).map(([api, baseUrl]) => [`exo-${api}`, { api, baseUrl, apiKey: 'unused', models: [{ id: model }] }]),
)
writeFileSync(join(home, 'models.json'), JSON.stringify({ providers }))

const env = { PI_OFFLINE: '1', PI_TELEMETRY: '0' }
for (const api of Object.keys(APIS))
  await flow(api, async () =>
    says(/It says banana/, await runAgent('pi', ['--provider', `exo-${api}`, '--model', model, '--no-session', '-p', QUESTION], { env })),
  )
