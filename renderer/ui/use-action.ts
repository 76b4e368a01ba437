import { useCallback, useState } from 'react'
import { errorMessage } from '../../main/shared/app-error.ts'

export interface Action {
  readonly isRunning: boolean
  /** Why the last run failed, for people. */
  readonly error: string | null
  run(work: () => Promise<unknown>): void
}

/** Something that the user set off, whose failure is shown. */
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
