import type { ReactNode } from 'react'
import type { ChatToolCall } from '../../../../main/shared/chats/tool-call.ts'
import { useServices } from '../../../services/services.ts'
import { toolStrings as labels } from './strings.ts'

export interface ToolCallsProps {
  readonly messageId: string
  readonly calls: readonly ChatToolCall[]
}

/** The tools that an answer has asked for: what each would do, the user's decision, and the result, folded. */
export function ToolCalls({ messageId, calls }: ToolCallsProps): ReactNode {
  return (
    <ul className="tool-calls" aria-label={labels.calls}>
      {calls.map((call) => (
        <ToolCall key={call.id} messageId={messageId} call={call} />
      ))}
    </ul>
  )
}

function ToolCall({ messageId, call }: { readonly messageId: string; readonly call: ChatToolCall }): ReactNode {
  const { chat } = useServices()
  const { id, server, tool, argumentsJson, state, result } = call
  const decide = (decision: 'once' | 'always' | 'refuse') => (): void => chat.decideCall(messageId, id, decision)
  return (
    <li className="tool-call" data-state={state}>
      <details open={state === 'asking'}>
        <summary>
          <b>{tool}</b>
          {server !== '' && <span className="muted"> · {server}</span>}
          <span className="tool-state" role="status">
            {labels.states[state]}
          </span>
        </summary>
        <p className="tool-label">{labels.arguments}</p>
        <pre tabIndex={0}>{prettyJson(argumentsJson)}</pre>
        {result !== '' && (
          <>
            <p className="tool-label">{labels.result}</p>
            <pre tabIndex={0}>{prettyJson(result)}</pre>
          </>
        )}
      </details>
      {state === 'asking' && (
        <div className="tool-decisions">
          <button type="button" className="button button-primary" onClick={decide('once')}>
            {labels.once}
          </button>
          <button type="button" className="button" onClick={decide('always')}>
            {labels.always}
          </button>
          <button type="button" className="button" onClick={decide('refuse')}>
            {labels.refuse}
          </button>
        </div>
      )}
      {state === 'running' && (
        <div className="tool-decisions">
          <button type="button" className="button button-small" onClick={decide('refuse')}>
            {labels.stop}
          </button>
        </div>
      )}
    </li>
  )
}

/** Text that is no JSON stays as it is. */
function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
