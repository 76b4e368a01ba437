/** What people, models and tools are called in chats of other servers and data sets. */
const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  bot: 'assistant',
  gpt: 'assistant',
  ipython: 'tool',
  observation: 'tool',
  control: 'system',
}

/** The role in the words of the schemas; one that is not known stays for them to refuse. */
export function lenientRole(role: unknown): unknown {
  if (typeof role !== 'string') return role
  const lower = role.toLowerCase()
  return Object.hasOwn(ROLES, lower) ? ROLES[lower] : lower
}
