import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentFlows } from './agent.mjs'
import { model, url } from './flows.mjs'

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
const options = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

await agentFlows(
  'codex',
  (question, at, isNext) => ['exec', ...(isNext ? ['resume', '--last'] : []), ...options, '--model', at, question],
  {
    hasNext: true,
    launch: (question) => {
      rmSync(join(home, 'config.toml'))
      return ['exec', ...options, question]
    },
  },
)
