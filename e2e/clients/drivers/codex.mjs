import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentFlows, QUESTION, runAgent, says, TOO_LONG } from './agent.mjs'
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
const options = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

/** Codex looks for these servers itself and takes what its own checks accept. */
for (const provider of ['ollama', 'lmstudio']) {
  await flow(provider, async () =>
    says(
      /It says banana/,
      await runAgent('codex', ['exec', '--oss', '--local-provider', provider, ...options, '--model', model, QUESTION], {
        env: { CODEX_OSS_BASE_URL: `${url}/v1` },
      }),
    ),
  )
}

await flow('overflow', async () => says(/ran out of room/, await runAgent('codex', ['exec', ...options, '-'], { input: TOO_LONG })))

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
