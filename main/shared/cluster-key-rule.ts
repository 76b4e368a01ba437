import { AppError } from './app-error.ts'

export const LEAST_KEY_CHARACTERS = 12

/** Checks keys chosen by people. @throws AppError `cluster-key-short` */
export function requireLongKey(key: string): void {
  if ([...key].length >= LEAST_KEY_CHARACTERS) return
  throw new AppError(
    'cluster-key-short',
    `A cluster key must have at least ${LEAST_KEY_CHARACTERS} characters. To create one: exo cluster new-key`,
  )
}
