import { AppError } from '../app-error.ts'

/** The reason in the details of an error: a client unloaded the model while a request waited for it. */
export const UNLOADED = 'unloaded'

export const isUnloaded = (error: unknown): boolean => error instanceof AppError && error.details['reason'] === UNLOADED
