import { AppError } from '../../shared/app-error.ts'

export type PlacementErrorCode =
  /** There is no node at all. */
  | 'no-nodes'
  /** Fewer nodes than `minNodes`. */
  | 'not-enough-nodes'
  /** `details.missingBytes`: how much more free memory would do. */
  | 'not-enough-memory'
  /** The memory is there, but the nodes that have it are not linked in a ring. */
  | 'not-connected'
  /** The backend that was asked for cannot be: `details.missing` lists what it lacks. */
  | 'backend-impossible'
  /** The model cannot be split as asked: `details.reasons`. */
  | 'strategy-impossible'

/** Why a model goes nowhere, and what would have to be. */
export class PlacementError extends AppError<PlacementErrorCode> {}
