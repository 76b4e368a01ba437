import { AppError } from '../../shared/app-error.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import type { PairingRefusal } from './pairing-frame.ts'

const WORDS: Readonly<Record<PairingRefusal, readonly [code: ErrorCode, message: string]>> = {
  'other-protocol': ['pairing-other-protocol', 'The other machine runs an incompatible version of exo. Update both to the same version.'],
  'other-cluster': ['pairing-other-cluster', 'The other machine has moved to another cluster. Check the list again.'],
  'no-key': ['pairing-no-key', 'That cluster has no key. Join it without one.'],
  'key-missing': ['cluster-key-missing', 'That cluster has a key. Enter it, or compare six digits on both screens.'],
  'key-wrong': ['cluster-key-wrong', 'Wrong cluster key. Check it and try again.'],
  busy: ['pairing-busy', 'The other machine is already pairing. Try again when it is done.'],
  'too-many-attempts': ['pairing-too-many-attempts', 'Too many attempts. Wait ten minutes, or enter the key.'],
  declined: ['pairing-declined', 'The code was not confirmed on the other machine.'],
  'timed-out': ['pairing-timed-out', 'The code was not confirmed in time. Try again when you are at both machines.'],
  'put-out': ['pairing-put-out', 'This machine was removed from that cluster. A member can admit it again.'],
  'open-there': ['pairing-open-there', 'That cluster is open and this machine is not. To join it, start exo here with --open.'],
  'closed-there': [
    'pairing-closed-there',
    'That cluster is closed and this machine was started with --open. To ask its members for admission, start exo here without --open.',
  ],
  broken: ['pairing-broken', 'The pairing failed. Try again.'],
}

export function pairingError(refusal: PairingRefusal, cause?: unknown): AppError {
  const [code, message] = WORDS[refusal]
  return new AppError(code, message, {}, cause)
}
