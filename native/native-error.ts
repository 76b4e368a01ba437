import { AppError } from '../main/shared/app-error.ts'

/** What can go wrong in the engine, for programs; `message` tells people. */
export type NativeErrorCode =
  | 'model-not-found'
  | 'model-damaged'
  | 'model-unsupported'
  | 'strategy-unsupported'
  | 'rank-mismatch'
  | 'group-failed'
  | 'out-of-memory'
  | 'addon-missing'
  | 'shard-closed'
  | 'engine-failed'
  // Of one generation:
  | 'draft-failed'
  | 'context-exceeded'
  | 'invalid-token'
  | 'engine-busy'

export class NativeError extends AppError<NativeErrorCode> {
  override readonly name = 'NativeError'
}
