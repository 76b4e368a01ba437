import type { ReactNode } from 'react'
import { formatCount, shortModelName } from '../../../ui/format.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { AttachmentChips } from './AttachmentChips.tsx'
import { detachFile, forgetRefused, usePendingFiles } from './attachment-store.ts'
import { attachmentStrings } from './strings.ts'

const labels = attachmentStrings
/** Of common tokenizers on English text and code. */
const CHARACTERS_PER_TOKEN = 4

export interface PendingAttachmentsProps {
  readonly chatId: string | null
  readonly modelId: string | null
  /** Of the model that answers; undefined: it is not loaded. */
  readonly contextTokens: number | undefined
}

/** The files of the next question, above its box: what was read, what is too long for the model, and what was refused. */
export function PendingAttachments({ chatId, modelId, contextTokens }: PendingAttachmentsProps): ReactNode {
  const { attachments, reading, refused } = usePendingFiles(chatId)
  const tokens = attachments.reduce((sum, { text }) => sum + text.length, 0) / CHARACTERS_PER_TOKEN
  const isTooLong = contextTokens !== undefined && tokens > contextTokens
  return (
    <div className="pending-files" role="status">
      {(attachments.length > 0 || reading > 0) && (
        <AttachmentChips attachments={attachments} onRemove={(name) => detachFile(chatId, name)}>
          {reading > 0 && <li className="chip muted">{labels.reading(reading)}</li>}
        </AttachmentChips>
      )}
      {isTooLong && <p className="note note-warning">{labels.tooLong(formatCount(Math.round(tokens)), formatCount(contextTokens))}</p>}
      {refused.length > 0 && (
        <div className="note note-danger">
          <ul>
            {refused.map(({ name, reason }) => (
              <li key={`${name} ${reason}`}>
                {labels.refusals[reason](name, modelId === null ? labels.theModel : shortModelName(modelId))}
              </li>
            ))}
          </ul>
          <button type="button" className="icon-button" aria-label={labels.dismiss} onClick={() => forgetRefused(chatId)}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  )
}
