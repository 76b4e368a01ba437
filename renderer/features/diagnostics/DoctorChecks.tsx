import type { ReactNode } from 'react'
import { DoctorAnswer } from '../../../main/shared/wire/api/doctor.ts'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel } from '../../ui/View.tsx'
import { checkTitles } from './check-titles.ts'
import { doctorTextOf, type LocalText } from './doctor-text-of.ts'
import { diagnosticsStrings } from './strings.ts'

const tones = { ok: 'badge-success', warning: 'badge-warning', problem: 'badge-danger', unknown: '' } as const
const order = ['problem', 'warning', 'unknown', 'ok'] as const

/** The findings of exo doctor, worst first, each with its fix. */
export function DoctorChecks(): ReactNode {
  const connection = useClusterStore((state) => state.connection)
  const { data, error, isLoading, reload } = useResource('/doctor', DoctorAnswer, connection)
  const labels = diagnosticsStrings
  const checks = [...(data?.checks ?? [])].sort((first, second) => order.indexOf(first.state) - order.indexOf(second.state))
  const good = checks.filter(({ state }) => state === 'ok')
  return (
    <Panel
      title={labels.checks}
      aside={
        <button type="button" className="button" disabled={isLoading} onClick={reload}>
          {isLoading ? labels.checking : labels.checkAgain}
        </button>
      }
    >
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      {data === null && !error && <p className="muted">{labels.checking}</p>}
      <CheckList checks={checks.filter(({ state }) => state !== 'ok')} />
      {good.length > 0 && (
        <details className="good-checks">
          <summary>{labels.good(good.length)}</summary>
          <CheckList checks={good} />
        </details>
      )}
    </Panel>
  )
}

/** What to do, as a sentence. Its commands stand below, each with a button that copies the command alone. */
function Fix({ text: { text, lang } }: { readonly text: LocalText }): ReactNode {
  const commands = [...text.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command)
  return (
    <>
      <p className="fix" lang={lang}>
        {asSentence(text.replaceAll('`', ''))}
      </p>
      {commands.map((command) => (
        <div key={command} className="copy-row">
          <code>{command}</code>
          <CopyButton label={diagnosticsStrings.copyFix} text={() => command} />
        </div>
      ))}
    </>
  )
}

const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

function CheckList({ checks }: { readonly checks: DoctorAnswer['checks'] }): ReactNode {
  const labels = diagnosticsStrings
  return (
    <ul className="checks">
      {checks.map(({ id, title, state, finding, fix, said }, index) => {
        const found = doctorTextOf(finding, said?.finding)
        return (
          <li key={`${id} ${index}`}>
            <span className={`badge ${tones[state]}`}>{labels.states[state]}</span>
            <div>
              <p>
                <b>{checkTitles[id] ?? title}</b>{' '}
                <span className="muted" lang={found.lang}>
                  {found.text}
                </span>
              </p>
              {fix !== null && <Fix text={doctorTextOf(fix, said?.fix)} />}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
