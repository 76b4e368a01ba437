// A server of tools over its standard input and output.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

if (process.env.FAILS) {
  console.error('no such database')
  process.exit(1)
}
const server = new McpServer({ name: 'test', version: '1.0.0' })
server.registerTool('add', { description: 'Adds two numbers', inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
  content: [{ type: 'text', text: String(a + b) }],
}))
server.registerTool('fail', { description: 'Fails' }, () => ({ isError: true, content: [{ type: 'text', text: 'it failed' }] }))
server.registerTool('picture', {}, () => ({ content: [{ type: 'image', data: 'AA==', mimeType: 'image/png' }] }))
server.registerTool('exit', {}, () => process.exit(0))
await server.connect(new StdioServerTransport())
