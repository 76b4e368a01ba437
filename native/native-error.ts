import { AppError } from '../main/shared/app-error.ts'
import { type ErrorCodeWith, hasTrait, isErrorCode } from '../main/shared/error-codes.ts'

/** The engine's error codes, for programs; `message` is for people. */
export type NativeErrorCode = ErrorCodeWith<'engine'>

export class NativeError extends AppError<NativeErrorCode> {
  override readonly name = 'NativeError'
}

/** Validates an error code from C++, which the compiler cannot check. */
export function engineCode(code: string): NativeErrorCode {
  return isErrorCode(code) && hasTrait(code, 'engine') ? code : 'engine-failed'
}
