import { type ReactNode, useRef, useState } from 'react'
import { z } from 'zod'
import { ChatExport, ChatImportAnswer } from '../../../main/shared/wire/api/chats.ts'
import { useServices } from '../../services/services.ts'
import { ConfirmButton } from '../../ui/ConfirmButton.tsx'
import { Panel } from '../../ui/View.tsx'
import { useAction } from '../../ui/use-action.ts'
import { settingsStrings } from './strings.ts'

const labels = settingsStrings.chats
const Deleted = z.strictObject({ deleted: z.int() })
/** The API takes at most 16 MiB at once. */
const MOST_CHARACTERS_AT_ONCE = 4_000_000

/** Export, import and deletion of all chats. */
export function ChatSettingsPanel(): ReactNode {
  const { api, host } = useServices()
  const { run, isRunning, error } = useAction()
  const [told, setTold] = useState<string | null>(null)
  const file = useRef<HTMLInputElement>(null)
  const exportAll = async (): Promise<void> => {
    host.saveFile('exo-chats.json', 'application/json', await api.text('/chats/export'))
  }
  const importAll = async (chosen: File): Promise<void> => {
    const parsed = ChatExport.safeParse(parseOrNull(await chosen.text()))
    if (!parsed.success) return setTold(labels.notAnExport)
    let imported = 0
    let damaged = 0
    for (const chats of inPortions(parsed.data.chats)) {
      const answer = await api.post('/chats/import', { chats }, ChatImportAnswer)
      imported += answer.imported.length
      damaged += answer.damaged.length
    }
    setTold([labels.imported(imported), ...(damaged > 0 ? [labels.damaged(damaged)] : [])].join(' '))
  }
  return (
    <Panel title={labels.title}>
      <p className="muted">{labels.body}</p>
      <p className="muted">{labels.dictation}</p>
      {error !== null && <p className="note note-danger">{error}</p>}
      {told !== null && (
        <p className="note" role="status">
          {told}
        </p>
      )}
      <div className="view-actions">
        <button type="button" className="button" disabled={isRunning} onClick={() => run(exportAll)}>
          {labels.export}
        </button>
        <button type="button" className="button" disabled={isRunning} onClick={() => file.current?.click()}>
          {labels.import}
        </button>
        <input
          ref={file}
          type="file"
          hidden
          accept="application/json,.json"
          aria-label={labels.import}
          onChange={(event) => {
            const chosen = event.target.files?.[0]
            event.target.value = ''
            if (chosen) run(() => importAll(chosen))
          }}
        />
        <ConfirmButton
          trigger={
            <button type="button" className="button button-danger" disabled={isRunning}>
              {labels.removeAll}
            </button>
          }
          title={labels.removeAllTitle}
          body={labels.removeAllBody}
          confirm={labels.removeAll}
          onConfirm={() => run(async () => setTold(labels.removedAll((await api.delete('/chats', Deleted)).deleted)))}
        />
      </div>
    </Panel>
  )
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function inPortions<Entry>(entries: readonly Entry[]): Entry[][] {
  const portions: Entry[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const length = JSON.stringify(entry).length
    if (characters + length > MOST_CHARACTERS_AT_ONCE) {
      portions.push([])
      characters = 0
    }
    portions.at(-1)?.push(entry)
    characters += length
  }
  return portions
}
