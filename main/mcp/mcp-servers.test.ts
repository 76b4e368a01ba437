import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { McpServers } from './mcp-servers.ts'

const program = { command: process.execPath, args: [join(import.meta.dirname, '__fixtures__', 'tool-server.mjs')] }
const signal = new AbortController().signal
let folder = ''
let servers: McpServers
let http: Server | null = null

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-mcp-'))
  servers = new McpServers({ path: join(folder, 'mcp.json'), log: { warn: () => undefined } })
})
afterEach(async () => {
  await servers.close()
  http?.closeAllConnections()
  http?.close()
  http = null
  await rm(folder, { recursive: true })
})

const configure = (mcpServers: object): Promise<void> => writeFile(servers.path, JSON.stringify({ mcpServers, other: 1 }))

describe('McpServers', () => {
  it('has none without a file', async () => {
    expect([await servers.list(), await servers.toolsOf(['x'])]).toEqual([[], []])
  })
  it('starts a program, lists its tools and calls them', async () => {
    await configure({ math: program, off: { ...program, disabled: true } })
    const [math, ...others] = await servers.list()
    expect([math?.name, math?.kind, math?.problem, math?.tools.map(({ name }) => name), others]).toEqual([
      'math',
      'program',
      null,
      ['add', 'fail', 'picture', 'exit'],
      [],
    ])
    expect(math?.tools[0]).toMatchObject({ description: 'Adds two numbers', parameters: { type: 'object', required: ['a', 'b'] } })
    expect(await servers.call('math', 'add', { a: 2, b: 3 }, signal)).toEqual({ isError: false, text: '5' })
    expect(await servers.call('math', 'fail', {}, signal)).toEqual({ isError: true, text: 'it failed' })
    expect(await servers.call('math', 'picture', {}, signal)).toEqual({ isError: false, text: '[image left out]' })
    expect((await servers.toolsOf(['math'])).map(({ server }) => server)).toContain('math')
    expect(await servers.toolsOf(['other'])).toEqual([])
  })
  it('connects again after a program has ended', async () => {
    await configure({ math: program })
    await expect(servers.call('math', 'exit', {}, signal)).rejects.toThrow()
    expect(await servers.call('math', 'add', { a: 1, b: 1 }, signal)).toEqual({ isError: false, text: '2' })
  })
  it('says why a server cannot be used, and tries again', async () => {
    await configure({ math: { ...program, env: { FAILS: '1' } }, gone: { command: '/no/such/program' } })
    const problems = (await servers.list()).map(({ problem }) => problem)
    expect(problems[0]).toContain('no such database')
    expect(problems[1]).toContain('/no/such/program')
    await configure({ math: program })
    expect((await servers.list())[0]?.problem).toBeNull()
  })
  it('says what is wrong with the file', async () => {
    await writeFile(servers.path, '{')
    await expect(servers.list()).rejects.toThrow()
    await configure({ math: { url: 'file:///etc/passwd' } })
    await expect(servers.list()).rejects.toThrow()
    expect(await servers.toolsOf(['math'])).toEqual([])
    await expect(servers.call('none', 'x', {}, signal)).rejects.toThrow()
  })
  it('uses a server at an address, with its headers', async () => {
    const seen: unknown[] = []
    http = createServer((request, response) => {
      seen.push(request.headers['x-key'])
      const server = new McpServer({ name: 'test', version: '1.0.0' })
      server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hi' }] }))
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
      void server.connect(transport as never).then(() => transport.handleRequest(request, response))
    })
    await new Promise<void>((resolve) => void http?.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    await configure({ web: { url: `http://127.0.0.1:${port}/mcp`, headers: { 'x-key': 'secret' } } })
    expect((await servers.list())[0]).toMatchObject({ kind: 'address', problem: null, tools: [{ name: 'hello' }] })
    expect(await servers.call('web', 'hello', {}, signal)).toEqual({ isError: false, text: 'hi' })
    expect(new Set(seen)).toEqual(new Set(['secret']))
  })
})
