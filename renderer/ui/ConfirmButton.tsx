import { AlertDialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { strings } from './strings.ts'

interface Question {
  readonly title: string
  readonly body: string
  readonly confirm: string
  readonly onConfirm: () => void
}

/** A button that asks for confirmation. `trigger` is the button. */
export function ConfirmButton({ trigger, ...question }: Question & { readonly trigger: ReactNode }): ReactNode {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>
      <QuestionContent {...question} />
    </AlertDialog.Root>
  )
}

/** A question that is open as long as it is rendered, such as one that a menu asks. */
export function ConfirmDialog({ onClose, ...question }: Question & { readonly onClose: () => void }): ReactNode {
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <QuestionContent {...question} />
    </AlertDialog.Root>
  )
}

function QuestionContent({ title, body, confirm, onConfirm }: Question): ReactNode {
  return (
    <AlertDialog.Portal>
      <AlertDialog.Overlay className="overlay" />
      <AlertDialog.Content className="dialog dialog-small">
        <AlertDialog.Title>{title}</AlertDialog.Title>
        <AlertDialog.Description>{body}</AlertDialog.Description>
        <div className="dialog-actions">
          <AlertDialog.Cancel className="button">{strings.common.cancel}</AlertDialog.Cancel>
          <AlertDialog.Action className="button button-danger" onClick={onConfirm}>
            {confirm}
          </AlertDialog.Action>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Portal>
  )
}
