/** The names of roles in chats of other servers and data sets. */
const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  bot: 'assistant',
  gpt: 'assistant',
  ipython: 'tool',
  observation: 'tool',
  environment: 'tool',
  tool_result: 'tool',
  tool_response: 'tool',
  control: 'system',
}

/** The role as the schemas name it. An unknown role is kept, so that they refuse it. */
export function lenientRole(role: unknown): unknown {
  if (typeof role !== 'string') return role
  const lower = role.toLowerCase()
  return Object.hasOwn(ROLES, lower) ? ROLES[lower] : lower
}
