import type { NodeSettings } from './node-settings.ts'

/** A cluster, and the key that lets one in; null: it has none. */
export interface ClusterChoice {
  readonly clusterName: string
  readonly clusterKey: string | null
}

const MOST_NAME_CHARACTERS = 56

/** The cluster of one machine alone: named after it, and like no other's, as two machines may have one name. */
export function ownClusterName(machineName: string, nodeId: string): string {
  return `${[...machineName.trim()].slice(0, MOST_NAME_CHARACTERS / 2).join('').trim() || 'exo'} (${nodeId.slice(0, 4)})`
}

/** What the command line says goes before what was chosen in the app, and that before where a node begins. */
export function chooseCluster(
  asked: { readonly clusterName: string | null; readonly clusterKey: string | null; readonly startsAlone: boolean },
  settings: Pick<NodeSettings, 'cluster'>,
  own: ClusterChoice,
): ClusterChoice {
  const keyed = (choice: ClusterChoice): ClusterChoice => (choice.clusterName === own.clusterName && choice.clusterKey === null ? own : choice)
  if (asked.clusterName !== null || asked.clusterKey !== null) return keyed({ clusterName: asked.clusterName ?? 'default', clusterKey: asked.clusterKey })
  if (settings.cluster) return keyed({ clusterName: settings.cluster.name, clusterKey: settings.cluster.key })
  return asked.startsAlone ? own : { clusterName: 'default', clusterKey: null }
}
