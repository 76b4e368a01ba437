import { readIfPresent } from '../platform/files/read-if-present.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { McpTool } from '../shared/chats/tool-call.ts'
import { type McpServerConfig, parseMcpConfig } from './mcp-config.ts'
import { type McpConnection, openMcpConnection } from './mcp-connection.ts'

interface McpServerView {
  readonly name: string
  readonly kind: 'program' | 'address'
  /** null: it can be used. */
  readonly problem: string | null
  readonly tools: readonly McpTool[]
}

interface Opened {
  readonly config: string
  readonly connection: Promise<McpConnection>
  isFailed: boolean
}

interface McpServersOptions {
  readonly path: string
  readonly log: { warn(message: string, fields: Record<string, unknown>): void }
}

/** The servers of tools that the user's file names. Each is connected when it is first used. */
export class McpServers {
  readonly path: string
  readonly #log: McpServersOptions['log']
  readonly #opened = new Map<string, Opened>()
  readonly #closing = new AbortController()

  constructor({ path, log }: McpServersOptions) {
    this.path = path
    this.#log = log
  }

  /** All servers. A server that could not be connected is tried again. @throws an error that says what is wrong with the file */
  async list(): Promise<McpServerView[]> {
    const configs = await this.#configs()
    return Promise.all([...configs].map(([name, config]) => this.#view(name, config)))
  }

  /** The tools of some servers. A server that cannot be used has none. */
  async toolsOf(names: readonly string[]): Promise<(McpTool & { readonly server: string })[]> {
    if (names.length === 0) return []
    const configs = await this.#configs().catch((error: unknown) => {
      this.#log.warn('the file of MCP servers cannot be read, so chats have no tools', { path: this.path, error })
      return new Map<string, McpServerConfig>()
    })
    const wanted = [...configs].filter(([name]) => names.includes(name))
    const views = await Promise.all(wanted.map(([name, config]) => this.#view(name, config)))
    return views.flatMap(({ name, tools }) => tools.map((tool) => ({ ...tool, server: name })))
  }

  /** @throws an error that says why the tool could not be called */
  async call(server: string, tool: string, input: Record<string, unknown>, signal: AbortSignal): ReturnType<McpConnection['call']> {
    const config = (await this.#configs()).get(server)
    if (!config) throw new AppError('invalid-request', `There is no MCP server '${server}' in ${this.path}.`)
    const connection = await this.#connect(server, config)
    return connection.call(tool, input, AbortSignal.any([signal, this.#closing.signal]))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const opened = [...this.#opened.keys()]
    await Promise.all(opened.map((name) => this.#drop(name)))
  }

  async #view(name: string, config: McpServerConfig): Promise<McpServerView> {
    const kind = 'command' in config ? 'program' : 'address'
    try {
      const { tools } = await this.#connect(name, config)
      return { name, kind, problem: null, tools }
    } catch (error) {
      this.#log.warn('an MCP server cannot be used', { server: name, error: errorMessage(error) })
      return { name, kind, problem: errorMessage(error).slice(0, 2_000), tools: [] }
    }
  }

  /** Connects again where the connection has ended or its configuration has changed. */
  async #connect(name: string, config: McpServerConfig): Promise<McpConnection> {
    const key = JSON.stringify(config)
    const before = this.#opened.get(name)
    if (before && before.config === key && !before.isFailed) {
      const connection = await before.connection
      if (!connection.isClosed) return connection
    }
    if (before && this.#opened.get(name) === before) await this.#drop(name)
    const connection = openMcpConnection(config, this.#closing.signal)
    const opened: Opened = { config: key, connection, isFailed: false }
    connection.catch(() => (opened.isFailed = true))
    this.#opened.set(name, opened)
    return connection
  }

  async #drop(name: string): Promise<void> {
    const opened = this.#opened.get(name)
    this.#opened.delete(name)
    await opened?.connection.then((connection) => connection.close()).catch(() => undefined) // it has failed or ended already
  }

  async #configs(): Promise<ReadonlyMap<string, McpServerConfig>> {
    const text = await readIfPresent(this.path)
    return text === null ? new Map() : parseMcpConfig(text)
  }
}
