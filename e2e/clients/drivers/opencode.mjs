import { agentFlows, QUESTION, runAgent, says, writeOpencodeConfig } from './agent.mjs'
import { flow, model } from './flows.mjs'

const settings = { autoupdate: false, permission: 'allow' }
writeOpencodeConfig('opencode', settings)

for (const api of ['messages', 'responses'])
  await flow(api, async () => says(/It says banana/, await runAgent('opencode', ['run', '--model', `exo-${api}/${model}`, QUESTION])))
await agentFlows('opencode', (question, at, isNext) => ['run', ...(isNext ? ['--continue'] : []), '--model', `exo/${at}`, question], {
  hasNext: true,
  launch: (question) => {
    writeOpencodeConfig('opencode', { ...settings, provider: {} })
    return ['run', question]
  },
})
