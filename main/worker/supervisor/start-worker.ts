import { SupervisedWorker } from './supervised-worker.ts'
import type { Worker } from './worker.ts'
import type { WorkerDependencies, WorkerOptions } from './worker-options.ts'

/**
 * Spawns a shard worker and waits until it has loaded the native addon.
 *
 * @throws AppError `worker-died`, or the worker's own code such as `native-addon-missing`
 */
export async function startWorker(options: WorkerOptions, dependencies: WorkerDependencies, signal?: AbortSignal): Promise<Worker> {
  signal?.throwIfAborted()
  const supervised = new SupervisedWorker(options, dependencies, await dependencies.countOutOfMemoryKills())
  const abort = (): void => supervised.abort()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await supervised.started()
    return supervised
  } catch (error) {
    await supervised.exited
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}
