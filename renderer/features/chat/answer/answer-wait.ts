import type { ClusterView, InstanceView } from '../../../../main/shared/cluster-view.ts'
import type { Prefill } from '../conversation/chat-store.ts'

/** What an answer waits for. */
export type AnswerWaitState =
  | { readonly kind: 'downloading'; readonly done: number; readonly total: number }
  /** `done` of `total` is the share of the weights that the slowest machine has read. */
  | { readonly kind: 'loading'; readonly done: number; readonly total: 1 }
  /** The names of the machines that are loading the model again. */
  | { readonly kind: 'recovering'; readonly machines: readonly string[] }
  | { readonly kind: 'queued'; readonly waiting: number }
  | { readonly kind: 'reading'; readonly done: number; readonly total: number }
  | { readonly kind: 'starting' }

type Seen = Pick<ClusterView, 'nodes' | 'instances' | 'downloads'>

/** @param prefill - how much of the prompt has been read; undefined: reading has not begun */
export function answerWait(view: Seen | null, modelId: string | null, prefill: Prefill | undefined): AnswerWaitState {
  if (prefill && prefill.doneTokens < prefill.totalTokens) return { kind: 'reading', done: prefill.doneTokens, total: prefill.totalTokens }
  if (view === null || modelId === null) return { kind: 'starting' }
  const instances = Object.values<InstanceView>(view.instances).filter((instance) => instance.modelId === modelId)
  const withStatus = (status: InstanceView['status']): InstanceView | undefined => instances.find((instance) => instance.status === status)
  const ready = withStatus('ready')
  if (ready) return (ready.waiting ?? 0) > 0 ? { kind: 'queued', waiting: ready.waiting ?? 0 } : { kind: 'starting' }
  const recovering = withStatus('recovering')
  if (recovering)
    return {
      kind: 'recovering',
      machines: recovering.shards.flatMap(({ nodeId }) => view.nodes[nodeId]?.name ?? []),
    }
  const downloads = view.downloads.filter((download) => download.modelId === modelId && download.status === 'running')
  const sum = (field: 'doneBytes' | 'totalBytes'): number => downloads.reduce((total, download) => total + download[field], 0)
  if (sum('totalBytes') > 0) return { kind: 'downloading', done: sum('doneBytes'), total: sum('totalBytes') }
  const loading = withStatus('loading')
  if (!loading) return { kind: 'starting' }
  return { kind: 'loading', done: Math.min(1, ...loading.shards.map(({ loadedRatio = 0 }) => loadedRatio)), total: 1 }
}

/** The time that is left at the pace since the first sample; null: too early to tell. */
export function remainingMs(
  first: { readonly done: number; readonly atMs: number },
  now: { readonly done: number; readonly total: number; readonly atMs: number },
): number | null {
  const [passedMs, done] = [now.atMs - first.atMs, now.done - first.done]
  if (passedMs < 2_000 || done <= 0) return null
  return (passedMs * (now.total - now.done)) / done
}
