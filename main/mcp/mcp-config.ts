import { z } from 'zod'

const MOST_SERVERS = 32

const Name = z.string().regex(/^[\w .-]{1,64}$/, 'a name has letters, digits, spaces, dots, hyphens and underscores')
const isDisabled = z.boolean().default(false)
const Program = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  cwd: z.string().optional(),
  disabled: isDisabled,
})
const Address = z.object({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()).default({}),
  disabled: isDisabled,
})

/** A server of tools: a program on this machine, or an address. */
const McpServerConfig = z.union([Program, Address])
export type McpServerConfig = z.infer<typeof McpServerConfig>

/** The file of servers, in the form that other clients use. Fields of theirs are ignored. */
const McpConfig = z.object({ mcpServers: z.record(Name, McpServerConfig) })

/** The servers that are not disabled. @throws an error that says what is wrong with the file */
export function parseMcpConfig(text: string): ReadonlyMap<string, McpServerConfig> {
  const parsed = McpConfig.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
  const servers = Object.entries(parsed.data.mcpServers).filter(([, { disabled }]) => !disabled)
  if (servers.length > MOST_SERVERS) throw new Error(`at most ${MOST_SERVERS} servers can be used; set "disabled": true on others`)
  return new Map(servers)
}
