import { launchAgent, QUESTION, runAgent, says } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const env = {
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_AUTH_TOKEN: 'unused',
  ANTHROPIC_MODEL: model,
  ANTHROPIC_SMALL_FAST_MODEL: model,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
}

await flow('tools', async () => says(/It says banana\./, await runAgent('claude', ['-p', QUESTION, '--allowedTools', 'Bash'], { env })))
await flow('errors', async () => says(/nobody-has-this/, await runAgent('claude', ['-p', QUESTION, '--model', 'nobody-has-this'], { env })))
await flow('launch', async () => says(/It says banana\./, await launchAgent('claude', ['-p', QUESTION, '--allowedTools', 'Bash'])))
