import { AppError } from './app-error.ts'

/** An error response of a node's API. `details.apiCode` has the API's code, which depends on the version of the node. */
export function apiFailure(
  apiCode: string | null | undefined,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError<'api-refused'> {
  return new AppError('api-refused', message, { ...details, apiCode: apiCode ?? null })
}
