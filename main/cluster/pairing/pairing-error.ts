import { AppError } from '../../shared/app-error.ts'
import type { ErrorCode } from '../../shared/error-codes.ts'
import type { PairingRefusal } from './pairing-frame.ts'

const WORDS: Readonly<Record<PairingRefusal, readonly [code: ErrorCode, message: string]>> = {
  'other-protocol': [
    'pairing-other-protocol',
    'The other machine runs a version of exo that cannot do this. Bring both to the same version.',
  ],
  'other-cluster': ['pairing-other-cluster', 'The other machine is in another cluster by now. Look at the list again.'],
  'no-key': ['pairing-no-key', 'That cluster has no key: join it without one.'],
  'key-missing': ['cluster-key-missing', 'That cluster has a key. Enter it, or compare six digits on both screens.'],
  'key-wrong': ['cluster-key-wrong', 'That is not the key of this cluster. Check it and try again.'],
  busy: ['pairing-busy', 'The other machine is pairing already. Try again when it is done.'],
  'too-many-attempts': ['pairing-too-many-attempts', 'The other machine was asked too often. Wait ten minutes, or enter the key.'],
  declined: ['pairing-declined', 'The digits were not confirmed on the other machine.'],
  'timed-out': ['pairing-timed-out', 'Nobody confirmed the digits in time. Start again when you are at both machines.'],
  'put-out': ['pairing-put-out', 'This machine was put out of that cluster. A member can let it in again.'],
  'open-there': [
    'pairing-open-there',
    'That cluster is open to everybody, which this machine is not: start exo here with --open to be in it.',
  ],
  'closed-there': [
    'pairing-closed-there',
    'That cluster lets in only whom its members admit, and this machine was started with --open: start exo here without it to ask them.',
  ],
  broken: ['pairing-broken', 'The two machines did not understand each other. Start again.'],
}

export function pairingError(refusal: PairingRefusal, cause?: unknown): AppError {
  const [code, message] = WORDS[refusal]
  return new AppError(code, message, {}, cause)
}
