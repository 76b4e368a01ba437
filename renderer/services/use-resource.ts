import { useCallback, useEffect, useState } from 'react'
import type { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'
import { localized } from '../client/error-text.ts'
import { useServices } from './services.ts'

export interface Resource<T> {
  /** The last answer, kept while a new one is fetched. */
  readonly data: T | null
  readonly error: AppError | null
  readonly isLoading: boolean
  reload(): void
}

/**
 * Fetches a route of the API and keeps its answer.
 *
 * @param path - null: nothing is asked for
 * @param schema - the same object on each render
 * @param version - asked for again whenever this changes
 */
export function useResource<T>(path: string | null, schema: z.ZodType<T>, version: unknown = null): Resource<T> {
  const { api } = useServices()
  const [answer, setAnswer] = useState<{ readonly path: string | null; readonly data: T | null; readonly error: AppError | null }>({
    path: null,
    data: null,
    error: null,
  })
  const [isLoading, setIsLoading] = useState(path !== null)
  const [reloads, setReloads] = useState(0)
  useEffect(() => {
    if (path === null) return
    const abort = new AbortController()
    setIsLoading(true)
    api
      .get(path, schema, abort.signal)
      .then((data) => setAnswer({ path, data, error: null }))
      .catch((cause: unknown) => {
        if (abort.signal.aborted) return
        const error =
          cause instanceof AppError
            ? cause
            : localized(
                new AppError(
                  'unexpected-answer',
                  'This page does not understand the answer of the node. Reload the page.',
                  { path },
                  cause,
                ),
              )
        setAnswer((previous) => ({ path, data: previous.path === path ? previous.data : null, error }))
      })
      .finally(() => {
        if (!abort.signal.aborted) setIsLoading(false)
      })
    return () => abort.abort()
  }, [api, path, schema, version, reloads])
  const reload = useCallback(() => setReloads((count) => count + 1), [])
  const isCurrent = answer.path === path
  return { data: isCurrent ? answer.data : null, error: isCurrent ? answer.error : null, isLoading, reload }
}
