import { AlertDialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { strings } from './strings.ts'

export interface ConfirmButtonProps {
  readonly trigger: ReactNode
  readonly title: string
  readonly body: string
  readonly confirm: string
  readonly onConfirm: () => void
}

/** A button that asks for confirmation. `trigger` is the button. */
export function ConfirmButton({ trigger, title, body, confirm, onConfirm }: ConfirmButtonProps): ReactNode {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>
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
    </AlertDialog.Root>
  )
}
