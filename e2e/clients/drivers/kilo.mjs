// A fork of opencode.
import { QUESTION, runAgent, says, writeOpencodeConfig } from './agent.mjs'
import { flow, model } from './flows.mjs'

writeOpencodeConfig('kilo', { autoupdate: false, permission: 'allow' })

await flow('tools', async () => says(/It says banana/, await runAgent('kilo', ['run', '--model', `exo/${model}`, QUESTION])))
