import type { ClusterView, InstanceView } from '../../shared/cluster-view.ts'

const KEEP_ALIVE_COMMENT = ': keep-alive\n\n'

/** The comment for a client that waits for a model: the progress of its download or loading. */
export function waitingComment({ instances, downloads }: Pick<ClusterView, 'instances' | 'downloads'>, model: string): string {
  const isAsked = ({ modelId }: { readonly modelId: string }): boolean =>
    modelId.toLowerCase() === model.toLowerCase() || modelId.toLowerCase().endsWith(`/${model.toLowerCase()}`)
  const pick = <Entry extends { readonly modelId: string }>(entries: readonly Entry[]): Entry | undefined =>
    entries.find(isAsked) ?? (entries.length === 1 ? entries[0] : undefined)
  const download = pick(downloads.filter(({ status }) => status === 'running'))
  if (download?.totalBytes) return comment(`fetching ${download.modelId}: ${percent(download.doneBytes / download.totalBytes)}`)
  const loading = pick(Object.values<InstanceView>(instances).filter(({ status }) => status === 'loading' || status === 'recovering'))
  if (!loading) return KEEP_ALIVE_COMMENT
  const ratios = loading.shards.map(({ loadedRatio }) => loadedRatio ?? 0)
  return comment(`loading ${loading.modelId}: ${percent(Math.min(1, ...ratios))}`)
}

const percent = (ratio: number): string => `${Math.floor(ratio * 100)} %`

/** A line break would end the comment. */
const comment = (text: string): string => `: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`
