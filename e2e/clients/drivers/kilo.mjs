// A fork of opencode.
import { agentFlows, writeOpencodeConfig } from './agent.mjs'

writeOpencodeConfig('kilo', { autoupdate: false, permission: 'allow' })

await agentFlows('kilo', (question, at, isNext) => ['run', ...(isNext ? ['--continue'] : []), '--model', `exo/${at}`, question], {
  hasNext: true,
})
