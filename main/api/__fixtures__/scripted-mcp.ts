import type { McpPort } from '../chats/mcp-port.ts'

const tools = [
  { name: 'weather', description: 'of a city', parameters: { type: 'object' } },
  { name: 'wait', description: 'until it is stopped', parameters: { type: 'object' } },
]

/** A server whose weather is rain, and whose wait never ends by itself. */
export const scriptedMcp: McpPort = {
  path: '/data/mcp.json',
  list: async () => [{ name: 'world', kind: 'program', problem: null, tools }],
  toolsOf: async (servers) => (servers.includes('world') ? tools.map((tool) => ({ ...tool, server: 'world' })) : []),
  async call(_server, tool, input, signal) {
    if (tool === 'weather') return { isError: input['city'] === 'Atlantis', text: `rain in ${String(input['city'])}` }
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  },
}
