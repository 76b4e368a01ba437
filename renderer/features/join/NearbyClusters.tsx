import { type ReactNode, useId, useState } from 'react'
import type { NearbyCluster } from '../../../main/shared/wire/api/membership.ts'
import { useMembershipApi } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { Icon } from '../../ui/Icon.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { joinStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { memoryText } from '../../ui/format.ts'
import { membershipCalls } from './membership-calls.ts'

const NONE: readonly NearbyCluster[] = []

/** The clusters that announce themselves on the network, each with a way to join. */
export function NearbyClusters(): ReactNode {
  const nearby = useClusterStore((state) => state.membership?.nearby ?? NONE)
  if (nearby.length === 0) return <p className="muted">{joinStrings.noneNearby}</p>
  return (
    <ul className="nearby">
      {nearby.map((cluster) => (
        <NearbyRow key={`${cluster.clusterName} ${cluster.needsKey}`} cluster={cluster} />
      ))}
    </ul>
  )
}

function NearbyRow({ cluster }: { readonly cluster: NearbyCluster }): ReactNode {
  const api = useMembershipApi()
  const action = useAction()
  const [isKeyAsked, setIsKeyAsked] = useState(false)
  const isSwitching = useClusterStore((state) => state.membership?.isSwitching ?? false)
  const { clusterName, needsKey, machines, totalBytes, obstacle } = cluster
  const labels = joinStrings
  const calls = membershipCalls(api)
  const isBusy = action.isRunning || isSwitching
  const join = (): void => action.run(() => calls.join(clusterName, null))
  return (
    <li className="nearby-cluster" aria-label={clusterName}>
      <div className="nearby-head">
        <div>
          <p className="nearby-name">
            {needsKey && <Icon name="lock" />}
            <b>{clusterName}</b>
            {needsKey && <span className="badge">{joinStrings.needsKey}</span>}
          </p>
          <p className="muted small">
            {strings.common.machines(machines.length)}
            {totalBytes !== null && `, ${memoryText(totalBytes)}`} · {machines.map(({ name }) => name).join(', ')}
          </p>
        </div>
        {obstacle === null && (
          <button
            type="button"
            className="button button-primary"
            aria-expanded={needsKey ? isKeyAsked : undefined}
            disabled={isBusy}
            onClick={needsKey ? () => setIsKeyAsked((isAsked) => !isAsked) : join}
          >
            {isBusy ? labels.joining : labels.join}
          </button>
        )}
      </div>
      {obstacle !== null && <p className="muted small">{labels.cannotJoin(obstacle)}</p>}
      {isKeyAsked && obstacle === null && (
        <KeyForm
          isBusy={isBusy}
          onKey={(key) => action.run(() => calls.join(clusterName, key))}
          onPair={() => action.run(() => calls.startPairing(clusterName))}
        />
      )}
      {action.error !== null && <ErrorNote message={action.error} />}
    </li>
  )
}

interface KeyFormProps {
  readonly isBusy: boolean
  readonly onKey: (key: string) => void
  readonly onPair: () => void
}

/** The two ways to join a private cluster: its key, or six digits shown on both screens. */
function KeyForm({ isBusy, onKey, onPair }: KeyFormProps): ReactNode {
  const [key, setKey] = useState('')
  const id = useId()
  const labels = joinStrings
  return (
    <form
      className="key-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (key !== '') onKey(key)
      }}
    >
      <label htmlFor={id}>{labels.key}</label>
      <div className="key-row">
        <input
          id={id}
          className="input"
          type="password"
          autoComplete="off"
          autoFocus
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <button type="submit" className="button button-primary" disabled={isBusy || key === ''}>
          {labels.joinWithKey}
        </button>
      </div>
      <p className="muted small">
        {labels.noKey}{' '}
        <button type="button" className="link-button" disabled={isBusy} onClick={onPair}>
          {labels.compareDigits}
        </button>
      </p>
    </form>
  )
}
