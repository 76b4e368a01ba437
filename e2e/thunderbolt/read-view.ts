import type { ClusterView } from '../../main/shared/cluster-view.ts'
import type { RdmaMatrix } from '../../main/shared/cluster-view.ts'

/** Sorted lines such as `1 rdma_en3 2`: from studio-1 over its rdma_en3 to studio-2. */
export function rdmaLinksOf({ links, nodes }: ClusterView): string[] {
  const number = (nodeId: keyof typeof nodes): string => nodes[nodeId]?.name.replace('studio-', '') ?? nodeId
  return links
    .filter(({ kind }) => kind === 'rdma')
    .map(({ from, device, to }) => `${number(from)} ${device} ${number(to)}`)
    .sort()
}

/** A way to place a model, as `GET /instance/previews` shows it. */
export interface PreviewView {
  readonly strategy: string
  readonly backend: string
  readonly jacclRing?: boolean
  readonly shards?: readonly { readonly nodeId: keyof ClusterView['nodes']; readonly rank: number }[]
  readonly rdmaMatrix?: RdmaMatrix | null
  readonly fallbacks?: readonly { readonly from: string; readonly to: string; readonly reason: string }[]
  readonly minNodes?: number
  readonly error?: string
}

/** The links in a matrix, in the format of `rdmaLinksOf`. */
export function linksOfMatrix({ rdmaMatrix, shards = [] }: PreviewView, { nodes }: ClusterView): string[] {
  const number = (rank: number): string => nodes[shards[rank]?.nodeId ?? ('' as keyof typeof nodes)]?.name.replace('studio-', '') ?? '?'
  const cell = (devices: RdmaMatrix[number][number] | undefined): readonly string[] =>
    devices == null ? [] : typeof devices === 'string' ? [devices] : devices
  return (rdmaMatrix ?? [])
    .flatMap((row, from) => row.flatMap((devices, to) => cell(devices).map((device) => `${number(from)} ${device} ${number(to)}`)))
    .sort()
}
