import type { ClusterView } from '../../shared/cluster-view.ts'
import type { ShellState } from '../../shared/wire/shell/shell.ts'
import type { DesktopTexts } from './texts/desktop-texts.ts'

/** A notification. */
export interface Notice {
  readonly title: string
  readonly body: string
}

type Noticed = Pick<ShellState, 'node' | 'view' | 'membership'>

/** The notifications for a change of state. The first view gives none, because everything in it is new. */
type NoticeTexts = DesktopTexts['notices']

export function noticesBetween(before: Noticed, after: Noticed, { notices: texts }: DesktopTexts): Notice[] {
  return [
    ...nodeNotices(before, after, texts),
    ...admissionNotices(before, after, texts),
    ...(before.view && after.view ? viewNotices(before.view, after.view, texts) : []),
  ]
}

function nodeNotices({ node: before }: Noticed, { node: after }: Noticed, texts: NoticeTexts): Notice[] {
  if (after.kind === before.kind) return []
  if (after.kind === 'restarting') return [{ title: texts.stoppedUnexpectedly, body: texts.restarting(after.reason) }]
  if (after.kind === 'failed') return [{ title: texts.stopped, body: after.message }]
  return []
}

/** Machines that want to join, and machines that were admitted automatically. */
function admissionNotices({ membership: before }: Noticed, { membership: after }: Noticed, texts: NoticeTexts): Notice[] {
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
      ? [{ title: texts.letIn(letInBy.name, after.clusterName), body: texts.letInBody }]
      : []),
    ...wanting.map(({ name }) => ({
      title: texts.wantsToJoin(name),
      body: texts.wantsToJoinBody(after.clusterName),
    })),
    ...letIn.map(({ name, cause }) => ({
      title: texts.admitted(name),
      body: cause === 'cable' ? texts.admittedByCable : texts.admittedJustStarted,
    })),
  ]
}

function viewNotices(before: ClusterView, after: ClusterView, texts: NoticeTexts): Notice[] {
  // In another cluster, all machines and models differ.
  if (before.clusterName !== after.clusterName) return []
  const joined = Object.entries(after.nodes).filter(([nodeId]) => !Object.hasOwn(before.nodes, nodeId))
  const left = Object.entries(before.nodes).filter(([nodeId]) => !Object.hasOwn(after.nodes, nodeId))
  return [
    ...joined.map(([, { name }]) => ({ title: texts.joined(name), body: texts.joinedBody(after.clusterName) })),
    ...left.map(([, { name }]) => ({ title: texts.left(name), body: texts.leftBody(after.clusterName) })),
    ...Object.entries(after.instances).flatMap(([instanceId, { modelId, status, reasons }]): Notice[] => {
      const previous = Object.entries(before.instances).find(([id]) => id === instanceId)?.[1].status
      if (status === previous) return []
      if (status === 'ready') return [{ title: texts.ready(modelId), body: texts.readyBody }]
      if (status === 'failed') return [{ title: texts.notLoaded(modelId), body: reasons?.at(-1) ?? texts.seeDashboard }]
      return []
    }),
    ...downloadNotices(before, after, texts),
  ]
}

function downloadNotices(before: ClusterView, after: ClusterView, texts: NoticeTexts): Notice[] {
  const hadFailed = new Set(before.downloads.filter(({ status }) => status === 'failed').map(({ id }) => id))
  return after.downloads
    .filter(({ id, status }) => status === 'failed' && !hadFailed.has(id))
    .map(({ modelId, nodeId, message }) => {
      const machine = after.nodes[nodeId]?.name ?? texts.otherMachine
      const title = nodeId === after.nodeId ? texts.notDownloaded(modelId) : texts.notDownloadedTo(modelId, machine)
      return { title, body: message ?? texts.seeDashboard }
    })
}
