import { type ReactNode, useId, useState } from 'react'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { joinStrings } from '../join/strings.ts'
import { settingsStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { LeaveButton } from '../join/LeaveButton.tsx'
import { membershipCalls } from '../join/membership-calls.ts'
import { NearbyClusters } from '../join/NearbyClusters.tsx'

/** The cluster in which every machine starts. One that is alone in it has nothing to leave. */
const FIRST_CLUSTER = 'default'

/** This machine's cluster: its name, how to leave it, and how to join or form another. */
export function ClusterSettings(): ReactNode {
  const membership = useClusterStore((state) => state.membership)
  const isAlone = useClusterStore(({ view }) => Object.keys(view?.nodes ?? {}).length <= 1 && view?.clusterName === FIRST_CLUSTER)
  const labels = settingsStrings
  return (
    <Panel title={labels.cluster} aside={!isAlone && <LeaveButton />}>
      <p>
        <b>{membership?.clusterName ?? strings.common.none}</b> {membership?.hasKey && <span className="badge">{labels.hasKey}</span>}
      </p>
      <h3>{joinStrings.nearby}</h3>
      <NearbyClusters />
      <h3>{labels.formCluster}</h3>
      <FormCluster />
    </Panel>
  )
}

function FormCluster(): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const [name, setName] = useState('')
  const [key, setKey] = useState('')
  const id = useId()
  const labels = settingsStrings
  return (
    <form
      className="field-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') action.run(() => membershipCalls(api).join(name.trim(), key === '' ? null : key))
      }}
    >
      <div className="field">
        <label htmlFor={`${id}-name`}>{labels.clusterName}</label>
        <input id={`${id}-name`} className="input" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
      </div>
      <div className="field">
        <label htmlFor={`${id}-key`}>{labels.clusterKey}</label>
        <input
          id={`${id}-key`}
          className="input"
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </div>
      <button type="submit" className="button" disabled={action.isRunning || name.trim() === ''}>
        {labels.enterCluster}
      </button>
      {action.error !== null && <ErrorNote message={action.error} />}
    </form>
  )
}
