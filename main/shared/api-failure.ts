import { AppError } from './app-error.ts'

/** What a node's API answered a client with. The API's code, which a node of any version chose, is in `details.apiCode`. */
export function apiFailure(
  apiCode: string | null | undefined,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError<'api-refused'> {
  return new AppError('api-refused', message, { ...details, apiCode: apiCode ?? null })
}
