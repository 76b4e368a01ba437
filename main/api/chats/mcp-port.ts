import type { McpTool } from '../../shared/chats/tool-call.ts'

interface McpServerListing {
  readonly name: string
  readonly kind: 'program' | 'address'
  /** null: it can be used. */
  readonly problem: string | null
  readonly tools: readonly McpTool[]
}

/** The servers of tools that the user has configured on this node. */
export interface McpPort {
  /** The file that names them. */
  readonly path: string
  /** @throws an error that says what is wrong with the file */
  list(): Promise<readonly McpServerListing[]>
  /** The tools of some servers; none of those that cannot be used. */
  toolsOf(servers: readonly string[]): Promise<readonly (McpTool & { readonly server: string })[]>
  /** @throws an error that says why the tool could not be called */
  call(
    server: string,
    tool: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<{ readonly isError: boolean; readonly text: string }>
}
