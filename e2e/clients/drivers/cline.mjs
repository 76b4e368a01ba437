import { QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const signIn = ['auth', '--provider', 'openai-compatible', '--apikey', 'unused', '--modelid', model, '--baseurl', `${url}/v1`]

await flow('tools', async () => {
  await runAgent('cline', signIn)
  says(/It says banana/, await runAgent('cline', ['--auto-approve', 'true', QUESTION]))
})
