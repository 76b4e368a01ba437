import type { ClusterView, InstanceStatus, InstanceView, NodeView } from '../cluster-view.ts'
import type { Activity, ActivityKind } from './activity.ts'

type Seen = Pick<ClusterView, 'clusterName' | 'nodes' | 'instances' | 'downloads'>

const NONE = { machine: null, nodeId: null, message: null } as const
const kindOfStatus: Readonly<Record<InstanceStatus, ActivityKind>> = {
  loading: 'model-loading',
  ready: 'model-ready',
  recovering: 'model-recovering',
  failed: 'model-failed',
}

/** What came, went or changed from one state of the cluster to the next. */
export function activityBetween(before: Seen, after: Seen): Activity[] {
  if (before.clusterName !== after.clusterName) return [{ ...NONE, kind: 'cluster-changed', subject: after.clusterName }]
  return [...machines(before, after), ...downloads(before, after), ...models(before, after)]
}

function machines(before: Seen, after: Seen): Activity[] {
  const of = (kind: ActivityKind, nodeId: string, { name }: NodeView, message: string | null = null): Activity => ({
    ...NONE,
    kind,
    subject: name,
    nodeId,
    message,
  })
  const [old, now] = [before.nodes as Readonly<Record<string, NodeView>>, after.nodes as Readonly<Record<string, NodeView>>]
  return [
    ...Object.entries(old).flatMap(([nodeId, node]) => (now[nodeId] ? [] : of('machine-left', nodeId, node))),
    ...Object.entries(now).flatMap(([nodeId, node]) => {
      const known = old[nodeId]
      if (!known) return of('machine-joined', nodeId, node)
      return known.version === node.version ? [] : of('machine-updated', nodeId, node, node.version)
    }),
  ]
}

function models(before: Seen, after: Seen): Activity[] {
  const [old, now] = [before.instances as Readonly<Record<string, InstanceView>>, after.instances as Readonly<Record<string, InstanceView>>]
  return [
    ...Object.entries(now).flatMap(([instanceId, { modelId, status, reasons }]): Activity[] => {
      if (old[instanceId]?.status === status) return []
      return [{ ...NONE, kind: kindOfStatus[status], subject: modelId, message: status === 'failed' ? (reasons?.at(-1) ?? null) : null }]
    }),
    ...Object.entries(old).flatMap(([instanceId, { modelId }]): Activity[] =>
      now[instanceId] ? [] : [{ ...NONE, kind: 'model-unloaded', subject: modelId }],
    ),
  ]
}

function downloads(before: Seen, after: Seen): Activity[] {
  return after.downloads.flatMap(({ id, modelId, nodeId, status, message, code, startedBy }): Activity[] => {
    const asker = startedBy === undefined ? null : (after.nodes[startedBy]?.name ?? startedBy)
    const known = before.downloads.find((download) => download.id === id)
    const kind =
      status === 'done'
        ? 'download-done'
        : status === 'failed'
          ? 'download-failed'
          : status === 'running' && !known
            ? 'download-started'
            : null
    if (kind === null || known?.status === status) return []
    const machine = after.nodes[nodeId]?.name ?? null
    if (status !== 'failed') return [{ ...NONE, kind, subject: modelId, machine, message: asker }]
    return [{ ...NONE, kind, subject: modelId, machine, message, ...(typeof code === 'string' && { code }) }]
  })
}
