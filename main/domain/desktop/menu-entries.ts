import { formatMemory } from '../../shared/formats/byte-size.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { Membership } from '../../shared/wire/api/membership.ts'
import type { ShellState, ShellView } from '../../shared/wire/shell/shell.ts'
import type { DesktopTexts } from './texts/desktop-texts.ts'

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
export function menuEntries(state: ShellState, { menu: texts }: DesktopTexts): MenuEntry[] {
  const { node, view, membership, update } = state
  const isRunning = node.kind === 'running'
  return [
    ...nodeEntries(state, texts),
    ...(view ? [separator, ...clusterEntries(view, texts)] : []),
    ...(view && Object.keys(view.instances).length > 0 ? [separator, ...modelEntries(view, texts)] : []),
    ...(membership ? membershipEntries(membership, texts) : []),
    separator,
    act(texts.openChat, { type: 'open-window', view: 'chat' }, isRunning),
    act(texts.openDashboard, { type: 'open-window', view: 'cluster' }, isRunning),
    act(texts.copyApiAddress, { type: 'copy-api-address' }, isRunning),
    separator,
    act(texts.settings, { type: 'open-window', view: 'settings' }, isRunning),
    ...(update.kind === 'ready' ? [act(texts.restartToUpdate(update.version), { type: 'install-update' })] : []),
    act(texts.quit, { type: 'quit' }),
  ]
}

type MenuTexts = DesktopTexts['menu']

function nodeEntries({ node, progress }: ShellState, texts: MenuTexts): MenuEntry[] {
  switch (node.kind) {
    case 'running':
      return [fact(texts.runningAt(node.apiUrl.replace(/^https?:\/\//, '')) + (node.isOurs ? '' : texts.startedElsewhere))]
    case 'starting':
      return [fact(progress ? `${progress.label}: ${Math.round(progress.doneRatio * 100)}%` : texts.starting)]
    case 'restarting':
      return [fact(texts.restarting)]
    case 'failed':
      return [fact(node.message), act(texts.restart, { type: 'restart-node' })]
    case 'stopped':
      return [fact(texts.stopping)]
  }
}

function clusterEntries({ clusterName, leader, nodes }: ClusterView, texts: MenuTexts): MenuEntry[] {
  const machines = Object.entries(nodes).map(([nodeId, { name, totalBytes, availableBytes }]) =>
    fact(
      texts.used(name, formatMemory(totalBytes - availableBytes), formatMemory(totalBytes)) +
        (nodeId === leader?.nodeId ? texts.leader : ''),
    ),
  )
  return [fact(texts.cluster(clusterName)), ...machines]
}

function modelEntries({ instances }: ClusterView, texts: MenuTexts): MenuEntry[] {
  return Object.values(instances).map(({ modelId, status, decodeTokensPerSecond }) =>
    fact(`${modelId}: ${!decodeTokensPerSecond ? texts.states[status] : `${decodeTokensPerSecond.toFixed(1)} tok/s`}`),
  )
}

/** A cluster with a key is joined in a view where the key can be entered. */
function membershipEntries({ nearby, clusterName, ownClusterName, isSwitching }: Membership, texts: MenuTexts): MenuEntry[] {
  const joins = nearby.map((cluster) =>
    cluster.obstacle !== null
      ? fact(`${cluster.clusterName}: ${cluster.obstacle}`)
      : cluster.needsKey
        ? act(`${texts.join(cluster.clusterName)}…`, { type: 'open-window', view: 'cluster' }, !isSwitching)
        : act(texts.join(cluster.clusterName), { type: 'join-cluster', clusterName: cluster.clusterName }, !isSwitching),
  )
  const leave = clusterName === ownClusterName ? [] : [act(texts.leave(clusterName), { type: 'leave-cluster' }, !isSwitching)]
  return joins.length + leave.length === 0 ? [] : [separator, ...joins, ...leave]
}
