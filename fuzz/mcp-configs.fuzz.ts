import { parseMcpConfig } from '../main/mcp/mcp-config.ts'
import type { FuzzTarget } from './fuzz-target.ts'

export default {
  seeds: [
    {
      mcpServers: {
        files: { command: 'npx', args: ['-y', 'server'], env: { A: 'b' }, cwd: '/tmp' },
        web: { url: 'https://a.example/mcp' },
      },
    },
    {
      mcpServers: { 'a name': { url: 'http://[::1]:1/', headers: { Authorization: 'Bearer x' }, disabled: true, type: 'http' } },
      other: 1,
    },
  ].map((json) => JSON.stringify(json)),
  words: [
    '"__proto__":{"command":"x"}',
    '"url":"file:///etc/passwd"',
    '"command":""',
    '"url":"javascript:1"',
    '\\u0000',
    '"args":[',
    'null',
  ],
  run(bytes) {
    let servers: ReturnType<typeof parseMcpConfig>
    try {
      servers = parseMcpConfig(bytes.toString('utf8'))
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
      return
    }
    for (const server of servers.values())
      if ('command' in server ? server.command === '' : !/^https?:/i.test(server.url))
        throw new Error('a server that is neither a program nor an address')
  },
} satisfies FuzzTarget
