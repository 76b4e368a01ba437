import { AppError } from '../main/shared/app-error.ts'
import type { ErrorCodeWith } from '../main/shared/error-codes.ts'

/** What can go wrong in the engine, for programs; `message` tells people. */
export type NativeErrorCode = ErrorCodeWith<'engine'>

export class NativeError extends AppError<NativeErrorCode> {
  override readonly name = 'NativeError'
}
