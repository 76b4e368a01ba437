import type { AppError } from '../../main/shared/app-error.ts'

export interface ErrorTranslation {
  /**
   * The text for a code of the API or of this program; null: there is none. The node's own words follow a text that ends
   * with a colon.
   */
  readonly textOf: (code: string) => string | null
  /** A reason of an instance or a placement, which has no code. */
  readonly reasonOf: (reason: string) => string
  /** Where the node asks for its token. */
  readonly tokenNeeded: string
}

let translation: ErrorTranslation | null = null

/** Shows the node's errors in another language from now on. */
export function translateErrors(next: ErrorTranslation | null): void {
  translation = next
}

/** An error with its message in the language of the page. */
export function localized<Failure extends AppError>(error: Failure): Failure {
  if (translation === null) return error
  const { apiCode, status } = error.details
  const code = error.code === 'api-refused' ? apiCode : error.code
  error.message = status === 401 ? translation.tokenNeeded : errorText(typeof code === 'string' ? code : null, error.message)
  return error
}

/** The text of an error that the node tells. @param code - null: none is known */
export function errorText(code: string | null, message: string): string {
  const text = code === null ? null : (translation?.textOf(code) ?? null)
  if (text === null) return message
  return text.endsWith(':') ? `${text} ${message}` : text
}

/** Why an instance is as it is, or a placement is not possible, in the language of the page. */
export const reasonText = (reason: string): string => translation?.reasonOf(reason) ?? reason
