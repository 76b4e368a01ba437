import { AppError } from '../shared/app-error.ts'
import type { History } from './history.ts'

/** A disabled history: it stores nothing, and queries fail with the reason. */
export function offHistory(reason: string): History {
  const refuse = (): Promise<never> => Promise.reject(new AppError('history-off', `The history is not available: ${reason}`))
  return { append: () => undefined, recent: refuse, sql: refuse, status: () => ({ state: 'off', reason }), stop: async () => undefined }
}
