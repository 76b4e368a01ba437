import { type ReactNode, useId, useState } from 'react'
import { z } from 'zod'
import { useServices } from '../../services/services.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel } from '../../ui/View.tsx'
import { modelStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'

const labels = modelStrings

/** Downloads a model by its id on the hub. */
export function AnotherModel(): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const [name, setName] = useState('')
  const id = useId()
  const download = async (): Promise<void> => {
    await api.post('/models/download', { model: name.trim() }, z.unknown())
    setName('')
  }
  return (
    <Panel title={labels.another}>
      <p className="muted">{labels.anotherBody}</p>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') action.run(download)
        }}
      >
        <label className="visually-hidden" htmlFor={id}>
          {labels.anotherName}
        </label>
        <input
          id={id}
          className="input"
          maxLength={256}
          autoCapitalize="off"
          spellCheck={false}
          placeholder={labels.anotherPlaceholder}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button" disabled={action.isRunning || name.trim() === ''}>
          {labels.download}
        </button>
      </form>
      {action.error !== null && <ErrorNote message={action.error} />}
    </Panel>
  )
}
