import { AppError } from '../../shared/app-error.ts'
import type { ErrorCodeWith } from '../../shared/error-codes.ts'

/**
 * `not-enough-memory` has `details.missingBytes`: how much more free memory would do; `backend-impossible` has
 * `details.missing`, what it lacks; `strategy-impossible` has `details.reasons`.
 */
export type PlacementErrorCode = ErrorCodeWith<'placement'>

/** Why a model goes nowhere, and what would have to be. */
export class PlacementError extends AppError<PlacementErrorCode> {}
