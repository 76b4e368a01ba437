import type { ReactNode } from 'react'
import { useMembershipApi } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ConfirmButton } from '../../ui/ConfirmButton.tsx'
import { ErrorNote } from '../../ui/Notice.tsx'
import { joinStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { membershipCalls } from './membership-calls.ts'

/** Moves the machine back to its own cluster. Hidden when it is already there. */
export function LeaveButton(): ReactNode {
  const api = useMembershipApi()
  const action = useAction()
  const clusterName = useClusterStore((state) => state.membership?.clusterName ?? null)
  const ownClusterName = useClusterStore((state) => state.membership?.ownClusterName ?? null)
  const isSwitching = useClusterStore((state) => state.membership?.isSwitching ?? false)
  if (clusterName === null || clusterName === ownClusterName) return null
  const labels = joinStrings
  return (
    <>
      <ConfirmButton
        trigger={
          <button type="button" className="button" disabled={action.isRunning || isSwitching}>
            {labels.leave}
          </button>
        }
        title={labels.leaveTitle(clusterName)}
        body={labels.leaveBody}
        confirm={labels.leave}
        onConfirm={() => action.run(() => membershipCalls(api).leave())}
      />
      {action.error !== null && <ErrorNote message={action.error} />}
    </>
  )
}
