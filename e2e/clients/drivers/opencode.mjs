import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchAgent, QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const home = join(process.env.HOME, '.config', 'opencode')
mkdirSync(home, { recursive: true })
const provider = {
  exo: { npm: '@ai-sdk/openai-compatible', name: 'exo', options: { baseURL: `${url}/v1` }, models: { [model]: { name: 'exo' } } },
}
writeFileSync(join(home, 'opencode.json'), JSON.stringify({ provider, autoupdate: false, permission: 'allow' }))

await flow('tools', async () => says(/It says banana/, await runAgent('opencode', ['run', '--model', `exo/${model}`, QUESTION])))
writeFileSync(join(home, 'opencode.json'), JSON.stringify({ autoupdate: false, permission: 'allow' }))
await flow('launch', async () => says(/It says banana/, await launchAgent('opencode', ['run', QUESTION])))
