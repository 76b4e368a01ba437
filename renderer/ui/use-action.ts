import { useCallback, useState } from 'react'
import { errorMessage } from '../../main/shared/app-error.ts'

export interface Action {
  readonly isRunning: boolean
  /** Why the last run failed, as shown to the user. */
  readonly error: string | null
  run(work: () => Promise<unknown>): void
}

/** Runs an action of the user and keeps its error for display. */
export function useAction(): Action {
  const [state, setState] = useState<{ isRunning: boolean; error: string | null }>({ isRunning: false, error: null })
  const run = useCallback((work: () => Promise<unknown>) => {
    setState({ isRunning: true, error: null })
    work().then(
      () => setState({ isRunning: false, error: null }),
      (error: unknown) => setState({ isRunning: false, error: errorMessage(error) }),
    )
  }, [])
  return { ...state, run }
}
