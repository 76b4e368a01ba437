import { AppError } from '../main/shared/app-error.ts'
import { type ErrorCodeWith, hasTrait, isErrorCode } from '../main/shared/error-codes.ts'

/** What can go wrong in the engine, for programs; `message` tells people. */
export type NativeErrorCode = ErrorCodeWith<'engine'>

export class NativeError extends AppError<NativeErrorCode> {
  override readonly name = 'NativeError'
}

/** What the C++ said, which the compiler cannot check. */
export function engineCode(code: string): NativeErrorCode {
  return isErrorCode(code) && hasTrait(code, 'engine') ? code : 'engine-failed'
}
