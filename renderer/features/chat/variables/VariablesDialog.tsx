import { Dialog } from 'radix-ui'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { strings } from '../../../ui/strings.ts'
import { chatStrings } from '../strings.ts'

const labels = chatStrings.variablesDialog

export interface VariablesDialogProps {
  readonly names: readonly string[]
  /** null: the texts are sent as they are written. */
  readonly onSend: (values: Readonly<Record<string, string>> | null) => void
  readonly onCancel: () => void
}

/** Asks for the values of a prompt's variables before it is sent. */
export function VariablesDialog({ names, onSend, onCancel }: VariablesDialogProps): ReactNode {
  const id = useId()
  const [values, setValues] = useState<Readonly<Record<string, string>>>(Object.fromEntries(names.map((name) => [name, ''])))
  const isFilled = names.every((name) => values[name]?.trim() !== '')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (isFilled) onSend(values)
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onCancel()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-small">
          <Dialog.Title>{labels.title}</Dialog.Title>
          <Dialog.Description>{labels.body}</Dialog.Description>
          <form className="dialog-form" onSubmit={send}>
            {names.map((name, index) => (
              <div key={name}>
                <label htmlFor={`${id}-${index}`}>{name}</label>
                <textarea
                  id={`${id}-${index}`}
                  className="input"
                  rows={1}
                  value={values[name] ?? ''}
                  onChange={(event) => setValues({ ...values, [name]: event.target.value })}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event)
                  }}
                />
              </div>
            ))}
            <div className="dialog-actions">
              <Dialog.Close className="button">{strings.common.cancel}</Dialog.Close>
              <button type="button" className="button" onClick={() => onSend(null)}>
                {labels.asWritten}
              </button>
              <button type="submit" className="button button-primary" disabled={!isFilled}>
                {chatStrings.send}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
