import { agentFlows, runAgent } from './agent.mjs'
import { model, url } from './flows.mjs'

const signIn = ['auth', '--provider', 'openai-compatible', '--apikey', 'unused', '--modelid', model, '--baseurl', `${url}/v1`]
await runAgent('cline', signIn)

/** The last session, since only a session's name continues it. */
async function lastSession() {
  const { output } = await runAgent('cline', ['history', '--json', '--limit', '1'])
  return JSON.parse(output.slice(output.indexOf('[')))[0].sessionId
}

await agentFlows(
  'cline',
  async (question, at, isNext) => [
    '--auto-approve',
    'true',
    '--model',
    at,
    // It would ask an absent model six times.
    '--retries',
    '1',
    ...(isNext ? ['--id', await lastSession()] : []),
    question,
  ],
  { hasNext: true },
)
