import { agentFlows, runAgent } from './agent.mjs'
import { ABSENT, model, url } from './flows.mjs'

const signIn = (at) => ['auth', '--provider', 'openai-compatible', '--apikey', 'unused', '--modelid', at, '--baseurl', `${url}/v1`]

for (const at of [ABSENT, model]) await runAgent('cline', signIn(at))
await agentFlows('cline', (question, at) => ['--auto-approve', 'true', '--model', at, question])
