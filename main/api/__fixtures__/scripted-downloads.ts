import { AppError } from '../../shared/app-error.ts'
import type { DownloadReport } from '../../shared/models/download.ts'
import { ModelId } from '../../shared/ids.ts'
import type { DownloadsPort } from '../api-dependencies.ts'

/** Downloads that never end on their own; `here/…` is already downloaded. */
export function scriptedDownloads(): DownloadsPort {
  const reports = new Map<string, DownloadReport>()
  const set = (id: string, change: Partial<DownloadReport>): DownloadReport => {
    const known = reports.get(id)
    if (!known) throw new AppError('download-not-found', `There is no download '${id}'.`)
    const report = { ...known, ...change }
    reports.set(id, report)
    return report
  }
  return {
    start: async (model) => {
      const { data: modelId } = ModelId.safeParse(model)
      if (modelId === undefined) throw new AppError('model-not-found', `'${model}' is not the name of a model.`)
      if (model.startsWith('here/')) return { modelId, download: null }
      if (!model.includes('/')) throw new AppError('invalid-request', 'Not a model of the hub.', { param: 'model' })
      const id = `download-${reports.size + 1}`
      const report: DownloadReport = {
        id,
        modelId,
        status: 'running',
        doneBytes: 5,
        totalBytes: 10,
        source: 'hub',
        savedBytes: 0,
        message: null,
      }
      reports.set(id, report)
      return { modelId, download: report }
    },
    find: async (id) => set(id, {}),
    pause: async (id) => set(id, { status: 'paused' }),
    resume: async (id) => set(id, { status: 'running' }),
    cancel: async (id) => {
      set(id, {})
      reports.delete(id)
    },
  }
}
