import { agentFlows, runAgent } from './agent.mjs'
import { model, url } from './flows.mjs'

const signIn = ['auth', '--provider', 'openai-compatible', '--apikey', 'unused', '--modelid', model, '--baseurl', `${url}/v1`]
await runAgent('cline', signIn)

// It continues a conversation only in a terminal, so there is no second turn here. Its daemon goes on with an answer whose terminal
// has left, so there is no cancel either.
await agentFlows('cline', (question, at) => ['--auto-approve', 'true', '--model', at, '--retries', '1', question])
