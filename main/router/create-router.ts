import { AppError } from '../shared/app-error.ts'
import type { InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import { InferenceRun } from './inference-run.ts'
import { defaultRouterLimits, type Router, type RouterDependencies } from './router.ts'

export function createRouter(dependencies: RouterDependencies): Router {
  const limits = { ...defaultRouterLimits, ...dependencies.limits }
  const runs = new Map<string, InferenceRun>()

  function begin(request: InferenceRequest): InferenceRun {
    if (runs.has(request.requestId)) {
      throw new AppError('invalid-request', `A request with the id ${request.requestId} is already running.`, { param: 'request_id' })
    }
    const run = new InferenceRun(request, dependencies, limits)
    runs.set(request.requestId, run)
    void run.run().finally(() => runs.delete(request.requestId))
    return run
  }

  async function* infer(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart> {
    const observer = dependencies.observe?.(request)
    let run: InferenceRun | null = null
    const hangUp = (): void => run?.hangUp()
    try {
      run = begin(request)
      if (signal.aborted) hangUp()
      else signal.addEventListener('abort', hangUp, { once: true })
      for await (const part of run.parts) {
        run.onClientRead()
        observer?.onPart(part)
        yield part
        run.onClientRead()
        observer?.onTaken()
      }
    } catch (error) {
      observer?.onFailure(error)
      throw error
    } finally {
      signal.removeEventListener('abort', hangUp)
      hangUp()
    }
  }

  return {
    infer,
    cancel: (requestId) => {
      const run = runs.get(requestId)
      run?.cancel()
      return run !== undefined
    },
    activeRequests: () => runs.size,
  }
}
