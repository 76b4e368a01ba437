import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { strings } from '../../../ui/strings.ts'
import { chatStrings } from '../strings.ts'

export interface MessageEditorProps {
  readonly text: string
  readonly onSave: (text: string) => void
  readonly onCancel: () => void
}

export function MessageEditor({ text, onSave, onCancel }: MessageEditorProps): ReactNode {
  const [edited, setEdited] = useState(text)
  const save = (): void => {
    if (edited.trim() !== '') onSave(edited.trim())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onCancel()
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    save()
  }
  return (
    <div className="message-editor">
      <textarea
        className="input"
        rows={3}
        autoFocus
        aria-label={chatStrings.edit}
        value={edited}
        onChange={(event) => setEdited(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {strings.common.cancel}
        </button>
        <button type="button" className="button button-primary" onClick={save}>
          {chatStrings.saveEdit}
        </button>
      </div>
    </div>
  )
}
