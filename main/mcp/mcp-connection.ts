import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { errorMessage } from '../shared/app-error.ts'
import { type McpTool, MOST_RESULT_CHARACTERS } from '../shared/chats/tool-call.ts'
import { version } from '../shared/version.ts'
import type { McpServerConfig } from './mcp-config.ts'

/** A program may have to be downloaded by its starter first. */
const CONNECT_MS = 60_000
const CALL_MS = 5 * 60_000
const MOST_TOOLS = 256
const MOST_DESCRIPTION_CHARACTERS = 4_000
const MOST_SCHEMA_CHARACTERS = 50_000
const STDERR_CHARACTERS = 1_000

interface McpResult {
  readonly isError: boolean
  readonly text: string
}

/** A connection to one server of tools. */
export interface McpConnection {
  readonly tools: readonly McpTool[]
  readonly isClosed: boolean
  call(tool: string, input: Record<string, unknown>, signal: AbortSignal): Promise<McpResult>
  close(): Promise<void>
}

/** @throws an error that says why the server cannot be used */
export async function openMcpConnection(config: McpServerConfig, signal: AbortSignal): Promise<McpConnection> {
  if ('command' in config) return connect(programTransport(config), signal)
  const { url, headers } = config
  const options = { requestInit: { headers } }
  try {
    return await connect({ transport: new StreamableHTTPClientTransport(new URL(url), options), trouble: () => '' }, signal)
  } catch (error) {
    // Servers of the protocol's first version send events instead.
    if (!/\b4\d\d\b/.test(errorMessage(error))) throw error
    return connect({ transport: new SSEClientTransport(new URL(url), options), trouble: () => '' }, signal)
  }
}

interface OpenedTransport {
  readonly transport: Transport
  /** What the server has said about its troubles. */
  readonly trouble: () => string
}

function programTransport({ command, args, env, cwd }: Extract<McpServerConfig, { command: string }>): OpenedTransport {
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...getDefaultEnvironment(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stderr: 'pipe',
  })
  let said = ''
  transport.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-STDERR_CHARACTERS)))
  return { transport, trouble: () => said.trim() }
}

async function connect({ transport, trouble }: OpenedTransport, signal: AbortSignal): Promise<McpConnection> {
  const client = new Client({ name: 'exo', version })
  let isClosed = false
  client.onclose = () => (isClosed = true)
  const limits = { signal, timeout: CONNECT_MS, maxTotalTimeout: CONNECT_MS }
  try {
    await client.connect(transport, limits)
    const { tools } = client.getServerCapabilities()?.tools ? await client.listTools({}, limits) : { tools: [] }
    return {
      tools: tools
        .slice(0, MOST_TOOLS)
        .flatMap(({ name, description = '', inputSchema }) =>
          name.length > 256 || JSON.stringify(inputSchema).length > MOST_SCHEMA_CHARACTERS
            ? []
            : [{ name, description: description.slice(0, MOST_DESCRIPTION_CHARACTERS), parameters: inputSchema }],
        ),
      get isClosed() {
        return isClosed
      },
      async call(tool, input, callSignal) {
        const options = { signal: callSignal, timeout: CALL_MS, resetTimeoutOnProgress: true, maxTotalTimeout: CALL_MS }
        const { content, structuredContent, isError } = await client.callTool({ name: tool, arguments: input }, undefined, options)
        return { isError: isError === true, text: textOfContent(content, structuredContent) }
      },
      close: () => client.close(),
    }
  } catch (error) {
    await client.close().catch(() => undefined) // it may not have opened
    throw new Error([errorMessage(error), trouble()].filter((text) => text !== '').join(': '), { cause: error })
  }
}

/** The text of a result. Other content is named. */
function textOfContent(content: unknown, structured: unknown): string {
  const parts = (Array.isArray(content) ? (content as Record<string, unknown>[]) : []).map((part) => {
    if (part['type'] === 'text') return String(part['text'])
    const resource = part['resource'] as { readonly text?: unknown; readonly uri?: unknown } | undefined
    if (typeof resource?.text === 'string') return resource.text
    return `[${String(part['type'])} left out]`
  })
  const text = parts.length === 0 && structured !== undefined ? JSON.stringify(structured) : parts.join('\n')
  return text.length <= MOST_RESULT_CHARACTERS ? text : `${text.slice(0, MOST_RESULT_CHARACTERS)}\n[The rest is left out.]`
}
