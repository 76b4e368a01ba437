import { type ReactNode, useId, useState } from 'react'
import { HubToken, SettingsAnswer } from '../../../main/shared/wire/api/node-settings.ts'
import { useServices } from '../../services/services.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { settingsStrings } from './strings.ts'

export interface HubTokenFormProps {
  readonly hasToken: boolean
  readonly onSaved: () => void
}

/** The token of Hugging Face, which goes to this machine and does not come back. */
export function HubTokenForm({ hasToken, onSaved }: HubTokenFormProps): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const id = useId()
  const [text, setText] = useState('')
  const labels = settingsStrings.hubToken
  const token = text.trim()
  const isWrong = token !== '' && !HubToken.safeParse(token).success
  const store = (hubToken: string | null): void =>
    action.run(async () => {
      await api.post('/settings', { hubToken }, SettingsAnswer)
      setText('')
      onSaved()
    })
  return (
    <form
      className="field-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (token !== '' && !isWrong) store(token)
      }}
    >
      <div className="field field-wide">
        <label htmlFor={id}>{labels.name}</label>
        <input
          id={id}
          className="input"
          type="password"
          autoComplete="off"
          aria-describedby={`${id}-body`}
          placeholder={hasToken ? labels.stored : 'hf_…'}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <p id={`${id}-body`} className="muted small">
          {labels.body}
        </p>
      </div>
      {isWrong && <ErrorNote message={labels.wrong} />}
      {action.error !== null && <ErrorNote message={action.error} />}
      <div className="field-wide">
        <button type="submit" className="button" disabled={action.isRunning || token === '' || isWrong}>
          {labels.save}
        </button>
        {hasToken && (
          <button type="button" className="button" disabled={action.isRunning} onClick={() => store(null)}>
            {labels.remove}
          </button>
        )}
      </div>
    </form>
  )
}
