import type { ClusterView, InstanceView } from '../../../main/shared/cluster-view.ts'

/** What happens to a model in the cluster. */
export type ModelStatus =
  | { readonly kind: 'idle' }
  | { readonly kind: 'ready'; readonly tokensPerSecond: number | null }
  /** `ratio`: the share that the slowest machine has read. */
  | { readonly kind: 'loading'; readonly ratio: number }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'failed'; readonly reason: string | null }
  | { readonly kind: 'downloading'; readonly doneBytes: number; readonly totalBytes: number }

const ORDER: readonly InstanceView['status'][] = ['ready', 'recovering', 'loading', 'failed']

/** The best state of all instances of a model; while its files are still on their way, that. */
export function modelStatus(view: Pick<ClusterView, 'instances' | 'downloads'> | null, modelId: string): ModelStatus {
  const instances = Object.values<InstanceView>(view?.instances ?? {}).filter((instance) => instance.modelId === modelId)
  const [instance] = instances.sort((first, second) => ORDER.indexOf(first.status) - ORDER.indexOf(second.status))
  if (instance?.status === 'ready') return { kind: 'ready', tokensPerSecond: instance.decodeTokensPerSecond }
  const downloads = (view?.downloads ?? []).filter((download) => download.modelId === modelId && download.status === 'running')
  const sum = (field: 'doneBytes' | 'totalBytes'): number => downloads.reduce((total, download) => total + download[field], 0)
  if (downloads.length > 0) return { kind: 'downloading', doneBytes: sum('doneBytes'), totalBytes: sum('totalBytes') }
  switch (instance?.status) {
    case undefined:
      return { kind: 'idle' }
    case 'loading':
      return {
        kind: 'loading',
        ratio: Math.min(1, ...instance.shards.map(({ loadedRatio, status }) => loadedRatio ?? (status === 'ready' ? 1 : 0))),
      }
    case 'recovering':
      return { kind: 'recovering' }
    case 'failed':
      return { kind: 'failed', reason: instance.reasons?.at(-1) ?? null }
  }
}
