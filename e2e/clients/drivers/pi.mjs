import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentFlows, QUESTION, runAgent, says } from './agent.mjs'
import { ABSENT, flow, holds, model, url } from './flows.mjs'

const APIS = { 'openai-completions': `${url}/v1`, 'openai-responses': `${url}/v1`, 'anthropic-messages': url }
const home = join(process.env.HOME, '.pi', 'agent')
mkdirSync(home, { recursive: true })
const models = [{ id: model }, { id: ABSENT }]
const providers = Object.fromEntries(
  Object.entries(APIS).map(([api, baseUrl]) => [`exo-${api}`, { api, baseUrl, apiKey: 'unused', models }]),
)
writeFileSync(join(home, 'models.json'), JSON.stringify({ providers }))

const env = { PI_OFFLINE: '1', PI_TELEMETRY: '0' }
const ask = (api, question, at = model, isNext = false) => [
  '--provider',
  `exo-${api}`,
  '--model',
  at,
  ...(isNext ? ['--continue'] : []),
  '-p',
  question,
]

await flow('list', async () => holds(model, (await runAgent('pi', ['--list-models'], { env })).output))
await agentFlows('pi', (...question) => ask('openai-completions', ...question), { env, hasNext: true })
for (const api of Object.keys(APIS)) await flow(api, async () => says(/It says banana/, await runAgent('pi', ask(api, QUESTION), { env })))
