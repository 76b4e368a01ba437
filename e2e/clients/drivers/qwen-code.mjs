import { agentFlows } from './agent.mjs'
import { url } from './flows.mjs'

const ask = (question, isNext) => ['--yolo', ...(isNext ? ['--continue'] : []), '-p', question]

await agentFlows('qwen', (question, at, isNext) => ['--auth-type', 'openai', '--model', at, ...ask(question, isNext)], {
  env: { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'unused' },
  hasNext: true,
  // It first waits for the end of an answer when it is interrupted.
  interrupt: 'SIGKILL',
  launch: (question) => ask(question),
})
