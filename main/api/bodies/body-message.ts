import type { ToolTexts } from './tool-texts.ts'

/** A body for the thread to parse and validate, with the path of its route. */
export interface BodyCommand {
  readonly bodyId: number
  readonly path: string
  /** The model that the request's address names. */
  readonly model: string | null
  readonly json: Uint8Array
}

export interface CheckedBody {
  readonly body: unknown
  readonly toolTexts: ToolTexts
}

/** The validated body, or the error for its client. */
export type BodyReport = { readonly bodyId: number } & (
  | CheckedBody
  | { readonly failure: { readonly status: number; readonly code: string; readonly message: string; readonly param: string | null } }
)
