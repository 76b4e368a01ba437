import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchAgent, QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const home = join(process.env.HOME, '.codex')
mkdirSync(home, { recursive: true })
writeFileSync(
  join(home, 'config.toml'),
  `model = ${JSON.stringify(model)}
model_provider = "exo"

[model_providers.exo]
name = "exo"
base_url = "${url}/v1"
wire_api = "responses"
`,
)
const exec = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

await flow('tools', async () => says(/It says banana\./, await runAgent('codex', [...exec, QUESTION])))
await flow('errors', async () => says(/nobody-has-this/, await runAgent('codex', [...exec, '--model', 'nobody-has-this', QUESTION])))
rmSync(home, { recursive: true })
await flow('launch', async () => says(/It says banana\./, await launchAgent('codex', [...exec, QUESTION])))
