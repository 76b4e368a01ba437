import { Switch } from 'radix-ui'
import type { ReactNode } from 'react'
import { McpAnswer } from '../../../../main/shared/wire/api/chats.ts'
import { useResource } from '../../../services/use-resource.ts'
import { ErrorNote } from '../../../ui/Notice.tsx'
import { toolStrings as labels } from './strings.ts'

export interface ToolServersProps {
  /** The names of the servers that the chat uses. */
  readonly used: readonly string[]
  readonly onChange: (used: readonly string[]) => void
}

/** The MCP servers of this node, of which a chat uses some. */
export function ToolServers({ used, onChange }: ToolServersProps): ReactNode {
  const { data, error, isLoading, reload } = useResource('/mcp', McpAnswer)
  const servers = data?.servers ?? []
  return (
    <section className="tool-servers" aria-label={labels.title}>
      <div className="tool-servers-head">
        <h3>{labels.title}</h3>
        <button type="button" className="button button-small" disabled={isLoading} onClick={reload}>
          {labels.reload}
        </button>
      </div>
      {isLoading && data === null && <p className="muted small">{labels.reading}</p>}
      {error && <ErrorNote message={error.message} />}
      {data?.problem && <ErrorNote message={data.problem} />}
      {data && servers.length === 0 && data.problem === null && (
        <p className="muted small">
          {labels.none} {labels.hint(data.path)}
        </p>
      )}
      <ul>
        {servers.map(({ name, problem, tools }) => (
          <li key={name} className="ratio-setting">
            <span title={tools.map((tool) => tool.name).join(', ')}>{name}</span>
            <output>{problem === null ? labels.tools(tools.length) : ''}</output>
            <Switch.Root
              className="switch"
              aria-label={labels.use(name)}
              checked={used.includes(name)}
              disabled={problem !== null && !used.includes(name)}
              onCheckedChange={(isUsed) => onChange(isUsed ? [...used, name] : used.filter((other) => other !== name))}
            >
              <Switch.Thumb className="switch-thumb" />
            </Switch.Root>
            {problem !== null && <p className="small setting-note tool-problem">{problem}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
