import { Dialog } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { z } from 'zod'
import type { Diagnostics } from '../../client/node-diagnostics.ts'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { redactReport } from './redact-report.ts'
import { diagnosticsStrings } from './strings.ts'

const Part = z.unknown()
const LOG_LINES = 200

/** A report of a problem: the state, the checks and the end of the log in one file, shown before it is saved. */
export function ReportDialog({ diagnostics }: { readonly diagnostics: Diagnostics | null }): ReactNode {
  const { api, host } = useServices()
  const action = useAction()
  const [report, setReport] = useState<string | null>(null)
  const labels = diagnosticsStrings.report
  const gather = async (): Promise<void> => {
    const [checks, log] = await Promise.all([api.get('/doctor', Part), api.get(`/logs?lines=${LOG_LINES}`, Part)])
    const state = useClusterStore.getState().view
    setReport(redactReport({ state, diagnostics, checks, log }))
  }
  return (
    <Dialog.Root
      onOpenChange={(isOpen) => {
        setReport(null)
        if (isOpen) action.run(gather)
      }}
    >
      <Dialog.Trigger className="button">{labels.open}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-wide">
          <Dialog.Title>{labels.title}</Dialog.Title>
          <Dialog.Description>{labels.body}</Dialog.Description>
          {action.error !== null && <ErrorNote message={action.error} />}
          {report === null && action.isRunning && <p className="muted">{strings.common.loading}</p>}
          {report !== null && (
            <pre className="report-text" tabIndex={0} role="group" aria-label={labels.title}>
              {report}
            </pre>
          )}
          <div className="dialog-actions">
            {report !== null && <CopyButton label={labels.copy} text={() => report} />}
            <Dialog.Close className="button">{strings.common.close}</Dialog.Close>
            <button
              type="button"
              className="button button-primary"
              disabled={report === null}
              onClick={() => report !== null && host.saveFile('exo-report.json', 'application/json', report)}
            >
              {strings.common.save}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
