import { AppError } from '../../shared/app-error.ts'
import type { PairingRefusal } from './pairing-frame.ts'

const MESSAGES: Readonly<Record<PairingRefusal, string>> = {
  'other-protocol': 'The other machine runs a version of exo that cannot do this. Bring both to the same version.',
  'other-cluster': 'The other machine is in another cluster by now. Look at the list again.',
  'no-key': 'That cluster has no key: join it without one.',
  'key-missing': 'That cluster has a key. Enter it, or compare six digits on both screens.',
  'key-wrong': 'That is not the key of this cluster. Check it and try again.',
  busy: 'The other machine is pairing already. Try again when it is done.',
  'too-many-attempts': 'The other machine was asked too often. Wait ten minutes, or enter the key.',
  declined: 'The digits were not confirmed on the other machine.',
  'timed-out': 'Nobody confirmed the digits in time. Start again when you are at both machines.',
  'put-out': 'This machine was put out of that cluster. A member can let it in again.',
  broken: 'The two machines did not understand each other. Start again.',
}

/** @returns AppError `pairing-<code>`; what the key is at fault for is `cluster-key-missing` and `cluster-key-wrong` */
export function pairingError(code: PairingRefusal, cause?: unknown): AppError {
  return new AppError(code.startsWith('key-') ? `cluster-${code}` : `pairing-${code}`, MESSAGES[code], {}, cause)
}
