import { AppError } from '../../shared/app-error.ts'
import type { ErrorCodeWith } from '../../shared/error-codes.ts'

/**
 * `not-enough-memory` has `details.missingBytes`: the additional free memory that would suffice; `backend-impossible`
 * has `details.missing`, the missing requirements; `strategy-impossible` has `details.reasons`.
 */
export type PlacementErrorCode = ErrorCodeWith<'placement'>

/** Why a model cannot be placed, and what is required. */
export class PlacementError extends AppError<PlacementErrorCode> {}
