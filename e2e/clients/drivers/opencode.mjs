import { agentFlows, writeOpencodeConfig } from './agent.mjs'

const settings = { autoupdate: false, permission: 'allow' }
writeOpencodeConfig('opencode', settings)

await agentFlows('opencode', (question, at, isNext) => ['run', ...(isNext ? ['--continue'] : []), '--model', `exo/${at}`, question], {
  hasNext: true,
  launch: (question) => {
    writeOpencodeConfig('opencode', { ...settings, provider: {} })
    return ['run', question]
  },
})
