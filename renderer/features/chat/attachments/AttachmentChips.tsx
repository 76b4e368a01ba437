import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import type { Attachment } from '../../../../main/shared/chats/chat.ts'
import { CopyButton } from '../../../ui/CopyButton.tsx'
import { formatCount } from '../../../ui/format.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { strings } from '../../../ui/strings.ts'
import { attachmentStrings } from './strings.ts'

const labels = attachmentStrings
const SHOWN_CHARACTERS = 200_000

export interface AttachmentChipsProps {
  readonly attachments: readonly Attachment[]
  /** Absent: they are part of a question that was sent. */
  readonly onRemove?: (name: string) => void
  readonly children?: ReactNode
}

/** Files by name. Each opens as the text that the model reads. */
export function AttachmentChips({ attachments, onRemove, children }: AttachmentChipsProps): ReactNode {
  return (
    <ul className="chips" aria-label={labels.title}>
      {attachments.map((attachment) => (
        <li key={attachment.name} className="chip">
          <AttachmentText attachment={attachment} />
          {onRemove && (
            <button
              type="button"
              className="chip-remove"
              aria-label={labels.remove(attachment.name)}
              onClick={() => onRemove(attachment.name)}
            >
              <Icon name="close" />
            </button>
          )}
        </li>
      ))}
      {children}
    </ul>
  )
}

function AttachmentText({ attachment: { name, text } }: { readonly attachment: Attachment }): ReactNode {
  return (
    <Dialog.Root>
      <Dialog.Trigger className="chip-open" title={labels.open}>
        <Icon name="file" />
        <span className="chip-name">{name}</span>
        <span className="muted number-text">{labels.size(formatCount(text.length))}</span>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide">
          <Dialog.Title>{name}</Dialog.Title>
          <Dialog.Description>{labels.body}</Dialog.Description>
          <pre className="attachment-text" tabIndex={0}>
            {text.slice(0, SHOWN_CHARACTERS)}
            {text.length > SHOWN_CHARACTERS && '…'}
          </pre>
          <div className="dialog-actions">
            <CopyButton label={labels.copy} text={() => text} />
            <Dialog.Close className="button button-primary">{strings.common.close}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
