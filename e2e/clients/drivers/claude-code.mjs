import { agentFlows } from './agent.mjs'
import { model, url } from './flows.mjs'

await agentFlows('claude', (question, at, isNext) => [...(isNext ? ['-c'] : []), '-p', question, '--model', at, '--allowedTools', 'Bash'], {
  env: {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: 'unused',
    ANTHROPIC_MODEL: model,
    ANTHROPIC_SMALL_FAST_MODEL: model,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  },
  hasNext: true,
  saysRefusal: false,
  launch: (question) => ['-p', question, '--allowedTools', 'Bash'],
})
