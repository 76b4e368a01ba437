import { launchAgent, QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const env = { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'unused', OPENAI_MODEL: model }

await flow('tools', async () =>
  says(/It says banana\./, await runAgent('qwen', ['--auth-type', 'openai', '--yolo', '-p', QUESTION], { env })),
)
await flow('launch', async () => says(/It says banana\./, await launchAgent('qwen', ['--yolo', '-p', QUESTION])))
