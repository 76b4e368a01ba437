import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { useMembershipApi } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { pairingStrings } from './strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { membershipCalls } from './membership-calls.ts'

/** Shows six digits to compare with the other machine's screen. Both machines show them in any view. */
export function PairingDialog(): ReactNode {
  const pairing = useClusterStore((state) => state.membership?.pairing ?? null)
  const api = useMembershipApi()
  const action = useAction()
  if (pairing === null) return null
  const labels = pairingStrings
  const calls = membershipCalls(api)
  const { role, status, digits, clusterName, isConfirmedHere, error } = pairing
  const peerName = pairing.peerName ?? strings.common.none
  const end = (): void => action.run(() => calls.cancelPairing())
  const hasEnded = status === 'ended'
  // Success needs no message on the side that asked: the page already shows the new cluster.
  const body = hasEnded
    ? role === 'host'
      ? labels.given(peerName)
      : labels.joined(clusterName)
    : role === 'host'
      ? labels.hostBody(peerName, clusterName)
      : labels.joinerBody(peerName)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || end()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog dialog-small pairing" onPointerDownOutside={(event) => event.preventDefault()}>
          <Dialog.Title>{role === 'host' ? labels.hostTitle : labels.joinerTitle(clusterName)}</Dialog.Title>
          <Dialog.Description>{status === 'connecting' ? labels.connecting : error !== null ? labels.failed : body}</Dialog.Description>
          {digits !== null && !hasEnded && (
            <p className="digits" aria-label={labels.digits([...digits].join(' '))}>
              <span>{digits.slice(0, 3)}</span>
              <span>{digits.slice(3)}</span>
            </p>
          )}
          {isConfirmedHere && !hasEnded && <p className="muted">{labels.waiting(peerName)}</p>}
          {error !== null && <ErrorNote message={error.message} />}
          {action.error !== null && <ErrorNote message={action.error} />}
          <div className="dialog-actions">
            {hasEnded ? (
              <Dialog.Close className="button button-primary">{strings.common.close}</Dialog.Close>
            ) : (
              <>
                <Dialog.Close className="button">{digits === null ? strings.common.cancel : labels.differ}</Dialog.Close>
                {digits !== null && !isConfirmedHere && (
                  <button
                    type="button"
                    className="button button-primary"
                    disabled={action.isRunning}
                    onClick={() => action.run(() => calls.confirmPairing())}
                  >
                    {labels.agree}
                  </button>
                )}
              </>
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
