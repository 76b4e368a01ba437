import { agentFlows, QUESTION, runAgent, says, TOO_LONG } from './agent.mjs'
import { flow, model, url } from './flows.mjs'

const env = {
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_AUTH_TOKEN: 'unused',
  ANTHROPIC_MODEL: model,
  ANTHROPIC_SMALL_FAST_MODEL: model,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
}
const ask = (question) => ['-p', question, '--model', model, '--allowedTools', 'Bash']

await agentFlows('claude', (question, at, isNext) => [...(isNext ? ['-c'] : []), '-p', question, '--model', at, '--allowedTools', 'Bash'], {
  env,
  hasNext: true,
  saysRefusal: false,
  launch: (question) => ['-p', question, '--allowedTools', 'Bash'],
})
await flow('overflow', async () =>
  says(/Prompt is too long/i, await runAgent('claude', ['-p', '--model', model], { env, input: TOO_LONG })),
)
await flow('base URLs', async () => {
  for (const base of [`${url}/`, `${url}/v1`])
    says(/It says banana/, await runAgent('claude', ask(QUESTION), { env: { ...env, ANTHROPIC_BASE_URL: base } }))
})
await flow('json schema', async () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  says(/It says banana/, await runAgent('claude', [...ask(QUESTION), '--json-schema', JSON.stringify(schema)], { env }))
})
