import { formatMemory } from '../../shared/formats/byte-size.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { Membership } from '../../shared/wire/api/membership.ts'
import type { ShellState, ShellView } from '../../shared/wire/shell/shell.ts'

/** The action of a menu entry. */
export type MenuAct =
  | { readonly type: 'open-window'; readonly view: ShellView }
  | { readonly type: 'join-cluster'; readonly clusterName: string }
  | { readonly type: 'leave-cluster' }
  | { readonly type: 'copy-api-address' }
  | { readonly type: 'restart-node' }
  | { readonly type: 'install-update' }
  | { readonly type: 'quit' }

export type MenuEntry =
  | { readonly kind: 'separator' }
  /** Information, which cannot be clicked. */
  | { readonly kind: 'fact'; readonly label: string }
  | { readonly kind: 'act'; readonly label: string; readonly act: MenuAct; readonly isEnabled: boolean }

const separator: MenuEntry = { kind: 'separator' }
const fact = (label: string): MenuEntry => ({ kind: 'fact', label })
const act = (label: string, what: MenuAct, isEnabled = true): MenuEntry => ({ kind: 'act', label, act: what, isEnabled })

/** The tray's menu, from top to bottom. */
export function menuEntries(state: ShellState): MenuEntry[] {
  const { node, view, membership, update } = state
  const isRunning = node.kind === 'running'
  return [
    ...nodeEntries(state),
    ...(view ? [separator, ...clusterEntries(view)] : []),
    ...(view && Object.keys(view.instances).length > 0 ? [separator, ...modelEntries(view)] : []),
    ...(membership ? membershipEntries(membership) : []),
    separator,
    act('Open Chat', { type: 'open-window', view: 'chat' }, isRunning),
    act('Open Dashboard', { type: 'open-window', view: 'cluster' }, isRunning),
    act('Copy API Address', { type: 'copy-api-address' }, isRunning),
    separator,
    act('Settings…', { type: 'open-window', view: 'settings' }, isRunning),
    ...(update.kind === 'ready' ? [act(`Restart to Update to ${update.version}`, { type: 'install-update' })] : []),
    act('Quit exo', { type: 'quit' }),
  ]
}

function nodeEntries({ node, progress }: ShellState): MenuEntry[] {
  switch (node.kind) {
    case 'running':
      return [fact(`Running at ${node.apiUrl.replace(/^https?:\/\//, '')}${node.isOurs ? '' : ', started elsewhere'}`)]
    case 'starting':
      return [fact(progress ? `${progress.label}: ${Math.round(progress.doneRatio * 100)}%` : 'Starting…')]
    case 'restarting':
      return [fact('Stopped unexpectedly, restarting…')]
    case 'failed':
      return [fact(node.message), act('Restart', { type: 'restart-node' })]
    case 'stopped':
      return [fact('Stopping…')]
  }
}

function clusterEntries({ clusterName, leader, nodes }: ClusterView): MenuEntry[] {
  const machines = Object.entries(nodes).map(([nodeId, { name, totalBytes, availableBytes }]) =>
    fact(
      `${name}: ${formatMemory(totalBytes - availableBytes)} of ${formatMemory(totalBytes)} ` +
        `used${nodeId === leader?.nodeId ? ', leader' : ''}`,
    ),
  )
  return [fact(`Cluster ${clusterName}`), ...machines]
}

function modelEntries({ instances }: ClusterView): MenuEntry[] {
  return Object.values(instances).map(({ modelId, status, decodeTokensPerSecond }) =>
    fact(`${modelId}: ${!decodeTokensPerSecond ? status : `${decodeTokensPerSecond.toFixed(1)} tok/s`}`),
  )
}

/** A cluster with a key is joined in a view where the key can be entered. */
function membershipEntries({ nearby, clusterName, ownClusterName, isSwitching }: Membership): MenuEntry[] {
  const joins = nearby.map((cluster) =>
    cluster.obstacle !== null
      ? fact(`${cluster.clusterName}: ${cluster.obstacle}`)
      : cluster.needsKey
        ? act(`Join ${cluster.clusterName}…`, { type: 'open-window', view: 'cluster' }, !isSwitching)
        : act(`Join ${cluster.clusterName}`, { type: 'join-cluster', clusterName: cluster.clusterName }, !isSwitching),
  )
  const leave = clusterName === ownClusterName ? [] : [act(`Leave ${clusterName}`, { type: 'leave-cluster' }, !isSwitching)]
  return joins.length + leave.length === 0 ? [] : [separator, ...joins, ...leave]
}
