import type { ClusterView } from '../../shared/cluster-view.ts'
import type { ShellState } from '../../shared/wire/shell/shell.ts'

/** A notification. */
export interface Notice {
  readonly title: string
  readonly body: string
}

type Noticed = Pick<ShellState, 'node' | 'view' | 'membership'>

/** The notifications for a change of state. The first view gives none, because everything in it is new. */
export function noticesBetween(before: Noticed, after: Noticed): Notice[] {
  return [
    ...nodeNotices(before, after),
    ...admissionNotices(before, after),
    ...(before.view && after.view ? viewNotices(before.view, after.view) : []),
  ]
}

function nodeNotices({ node: before }: Noticed, { node: after }: Noticed): Notice[] {
  if (after.kind === before.kind) return []
  if (after.kind === 'restarting') return [{ title: 'exo stopped unexpectedly', body: `Restarting automatically (${after.reason}).` }]
  if (after.kind === 'failed') return [{ title: 'exo stopped', body: after.message }]
  return []
}

/** Machines that want to join, and machines that were admitted automatically. */
function admissionNotices({ membership: before }: Noticed, { membership: after }: Noticed): Notice[] {
  if (!before?.closed || !after?.closed || before.clusterName !== after.clusterName) return []
  const known = new Set<string>(before.closed.members.map(({ nodeId }) => nodeId))
  const waited = new Set(before.closed.waiting.map(({ nodeId }) => nodeId))
  const wanting = after.closed.waiting.filter(
    ({ nodeId, waitsFor, wasRemoved }) => waitsFor === 'this-side' && !wasRemoved && !waited.has(nodeId),
  )
  const letIn = after.closed.members.filter(
    ({ nodeId, cause }) =>
      (cause === 'just-started' || cause === 'cable') && !known.has(nodeId) && nodeId !== after.closed?.letInBy?.nodeId,
  )
  const { letInBy } = after.closed
  return [
    ...(letInBy !== null && letInBy.nodeId !== before.closed.letInBy?.nodeId
      ? [{ title: `${letInBy.name} admitted this machine to ${after.clusterName}`, body: 'If it is not yours, leave the cluster in exo.' }]
      : []),
    ...wanting.map(({ name }) => ({
      title: `${name} wants to join`,
      body: `Admit or refuse it in exo. It is not in ${after.clusterName} yet.`,
    })),
    ...letIn.map(({ name, cause }) => ({
      title: `${name} was admitted`,
      body:
        cause === 'cable'
          ? 'It is connected by cable. You can remove it in exo.'
          : 'Both machines had just started. You can remove it in exo.',
    })),
  ]
}

function viewNotices(before: ClusterView, after: ClusterView): Notice[] {
  // In another cluster, all machines and models differ.
  if (before.clusterName !== after.clusterName) return []
  const joined = Object.entries(after.nodes).filter(([nodeId]) => !Object.hasOwn(before.nodes, nodeId))
  const left = Object.entries(before.nodes).filter(([nodeId]) => !Object.hasOwn(after.nodes, nodeId))
  return [
    ...joined.map(([, { name }]) => ({ title: `${name} joined`, body: `Joined ${after.clusterName}.` })),
    ...left.map(([, { name }]) => ({ title: `${name} left`, body: `Left ${after.clusterName}.` })),
    ...Object.entries(after.instances).flatMap(([instanceId, { modelId, status, reasons }]): Notice[] => {
      const previous = Object.entries(before.instances).find(([id]) => id === instanceId)?.[1].status
      if (status === previous) return []
      if (status === 'ready') return [{ title: `${modelId} is ready`, body: 'Open the chat to use it.' }]
      if (status === 'failed')
        return [{ title: `${modelId} could not be loaded`, body: reasons?.at(-1) ?? 'See the dashboard for details.' }]
      return []
    }),
    ...downloadNotices(before, after),
  ]
}

function downloadNotices(before: ClusterView, after: ClusterView): Notice[] {
  const hadFailed = new Set(before.downloads.filter(({ status }) => status === 'failed').map(({ id }) => id))
  return after.downloads
    .filter(({ id, status }) => status === 'failed' && !hadFailed.has(id))
    .map(({ modelId, nodeId, message }) => {
      const machine = nodeId === after.nodeId ? '' : ` to ${after.nodes[nodeId]?.name ?? 'another machine'}`
      return { title: `${modelId} could not be downloaded${machine}`, body: message ?? 'See the dashboard for details.' }
    })
}
