import { Dialog } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { useServices } from '../../services/services.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { introductionStrings } from './strings.ts'

/** Introduces exo in three steps, shown once. */
export function Introduction(): ReactNode {
  const { host } = useServices()
  const start = useRef<HTMLButtonElement>(null)
  const labels = introductionStrings
  const end = (): void => useSettingsStore.setState({ isIntroduced: true })
  const baseUrl = `${host.apiUrl}/v1`
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || end()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog introduction"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            start.current?.focus()
          }}
        >
          <Dialog.Title>{labels.title}</Dialog.Title>
          <ol>
            {labels.steps.map(({ title, body }) => (
              <li key={title}>
                <b>{title}</b>
                <p className="muted">{body}</p>
              </li>
            ))}
          </ol>
          <div className="copy-row">
            <code aria-label={labels.apiAddress}>{baseUrl}</code>
            <CopyButton label={labels.copyAddress} text={() => baseUrl} />
          </div>
          <div className="dialog-actions">
            <Dialog.Close ref={start} className="button button-primary">
              {labels.start}
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
