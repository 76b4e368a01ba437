import { AppError } from '../../shared/app-error.ts'
import type { ApiContext } from '../api-server.ts'
import { isNamed } from '../models/is-named.ts'

const LOOK_AGAIN_MS = 500

export interface PullStep {
  readonly status: string
  readonly digest?: string
  readonly total?: number
  readonly completed?: number
}

/**
 * Downloads a model to this node and reports the progress, like Ollama's `pull`. The download continues if the client
 * disconnects.
 *
 * @throws AppError those of the hub, `download-cancelled`
 */
export async function* pullSteps(
  { models, downloads, timers }: Pick<ApiContext, 'models' | 'downloads' | 'timers'>,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<PullStep> {
  yield { status: 'pulling manifest' }
  const isDerived = (await models.derived(name)) !== null
  const known = (await models.catalogue()).find((model) => isNamed(model, name))
  const { download } =
    known?.isHere === true || isDerived ? { download: null } : await downloads.start(known?.modelId ?? name, 'main', null)
  if (download) {
    const digest = `sha256:${download.id}`
    for (;;) {
      const report = await downloads.find(download.id).catch((error: unknown) => {
        // A completed download is forgotten after a while.
        if (error instanceof AppError && error.code === 'download-not-found') return null
        throw error
      })
      if (report === null || report.status === 'done') break
      if (report.status === 'failed')
        throw new AppError('download-cancelled', report.message ?? 'The download failed. Try again to resume it.')
      yield { status: `pulling ${report.modelId}`, digest, total: report.totalBytes ?? 0, completed: report.doneBytes }
      await timers.sleep(LOOK_AGAIN_MS, signal)
    }
  }
  yield { status: 'success' }
}
