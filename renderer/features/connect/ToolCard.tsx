import { type ReactNode, useState } from 'react'
import { reasonText } from '../../client/error-text.ts'
import { connectSnippet } from '../../../main/shared/connect/connect-snippet.ts'
import type { ConnectTool } from '../../../main/shared/connect/connect-tool.ts'
import { type ConnectableModel, lacksOf } from '../../../main/shared/connect/pick-model.ts'
import { useServices } from '../../services/services.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { formatDuration } from '../../ui/format.ts'
import { Panel } from '../../ui/View.tsx'
import { useAction } from '../../ui/use-action.ts'
import { connectStrings as labels } from './strings.ts'
import { testConnection } from './test-connection.ts'

export interface ToolCardProps {
  readonly tool: ConnectTool
  readonly model: ConnectableModel
  readonly apiUrl: string
  readonly apiKey: string
}

/** Loading a model takes minutes at most. */
const TEST_LIMIT_MS = 10 * 60_000

export function ToolCard({ tool, model, apiUrl, apiKey }: ToolCardProps): ReactNode {
  const { api } = useServices()
  const { run, isRunning, error } = useAction()
  const [answer, setAnswer] = useState<{ readonly text: string; readonly ms: number } | null>(null)
  const command = `exo launch ${tool.id}`
  const { path, text } = connectSnippet(tool, { root: apiUrl, key: apiKey, model: model.id, contextTokens: model.context_tokens })
  const test = async (): Promise<void> => {
    setAnswer(null)
    const startedMs = performance.now()
    const said = await testConnection(api, tool.api, model.id, AbortSignal.timeout(TEST_LIMIT_MS))
    setAnswer({ text: said.trim(), ms: performance.now() - startedMs })
  }
  return (
    <Panel
      title={tool.name}
      aside={
        <button type="button" className="button button-small" disabled={isRunning} onClick={() => run(test)}>
          {isRunning ? labels.testing : labels.test}
        </button>
      }
    >
      {error !== null && <p className="note note-danger">{error}</p>}
      {answer && (
        <p className="note" role="status">
          <span>
            {labels.answered(formatDuration(answer.ms))} “{answer.text === '' ? labels.saidNothing : answer.text}”
          </span>
        </p>
      )}
      {lacksOf(model, tool).map((lack) => (
        <p key={lack} className="note note-warning">
          {reasonText(lack)}
        </p>
      ))}
      <p className="muted small">{labels.launch}</p>
      <Copied what={command} text={command} />
      <details>
        <summary>{labels.byHand(path)}</summary>
        <Copied what={tool.name} text={text} />
      </details>
      <details>
        <summary>{labels.install}</summary>
        <Copied what={tool.install} text={tool.install} />
      </details>
    </Panel>
  )
}

function Copied({ what, text }: { readonly what: string; readonly text: string }): ReactNode {
  return (
    <div className="copy-row">
      <pre tabIndex={text.includes('\n') ? 0 : undefined}>
        <code>{text}</code>
      </pre>
      <CopyButton label={labels.copy(what)} text={() => text} />
    </div>
  )
}
