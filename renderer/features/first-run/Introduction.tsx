import { Dialog } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectNode } from '../../store/select-cluster.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { memoryText } from '../../ui/format.ts'
import { introductionStrings } from './strings.ts'

/** Introduces exo in four steps, each with the way to it. Shown once, and again from Settings. */
export function Introduction(): ReactNode {
  const { host } = useServices()
  const start = useRef<HTMLButtonElement>(null)
  const machine = useClusterStore((state) => selectNode(state.view?.nodeId ?? '')(state))
  const labels = introductionStrings
  const { steps } = labels
  const end = (): void => useSettingsStore.setState({ isIntroduced: true })
  const baseUrl = `${host.apiUrl}/v1`
  const way = (view: string, label: string): ReactNode => (
    <a className="button button-small" href={`#/${view}`} onClick={end}>
      {label}
    </a>
  )
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
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            // The next thing to do is to write, without one more click.
            document.querySelector<HTMLElement>('main textarea')?.focus()
          }}
        >
          <Dialog.Title>{labels.title}</Dialog.Title>
          <ol>
            <li>
              <b>{steps.machine.title}</b>
              <p className="muted">{steps.machine.body}</p>
              {machine && <p className="muted small">{labels.thisMachine(machine.name, machine.chip, memoryText(machine.totalBytes))}</p>}
            </li>
            <li>
              <b>{steps.add.title}</b>
              <p className="muted">{steps.add.body}</p>
              {way('cluster', labels.addMachine)}
            </li>
            <li>
              <b>{steps.model.title}</b>
              <p className="muted">{steps.model.body}</p>
              {way('models', labels.chooseModel)}
            </li>
            <li>
              <b>{steps.tool.title}</b>
              <p className="muted">{steps.tool.body}</p>
              <div className="copy-row">
                <code aria-label={labels.apiAddress}>{baseUrl}</code>
                <CopyButton label={labels.copyAddress} text={() => baseUrl} />
              </div>
              {way('connect', labels.connectTool)}
            </li>
          </ol>
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
