import type { ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import type { NodeSettings } from '../files/node-settings.ts'

const MOST_NAME_CHARACTERS = 56

/** The cluster of one machine alone: named after it, and like no other's, as two machines may have one name. */
export function ownClusterName(machineName: string, nodeId: string): string {
  return `${
    [...machineName.trim()]
      .slice(0, MOST_NAME_CHARACTERS / 2)
      .join('')
      .trim() || 'exo'
  } (${nodeId.slice(0, 4)})`
}

/**
 * What the command line says goes before what was chosen in the app, and that before where a node begins. That of one machine is never
 * open.
 */
export function chooseCluster(
  asked: {
    readonly clusterName: string | null
    readonly clusterKey: string | null
    readonly isOpen: boolean
    readonly startsAlone: boolean
  },
  settings: Pick<NodeSettings, 'cluster'>,
  ownName: string,
): ClusterChoice {
  const choice = (clusterName: string, clusterKey: string | null): ClusterChoice => ({
    clusterName,
    clusterKey,
    isOpen: asked.isOpen && clusterKey === null && clusterName !== ownName,
  })
  if (asked.clusterName !== null || asked.clusterKey !== null) return choice(asked.clusterName ?? 'default', asked.clusterKey)
  if (settings.cluster) return choice(settings.cluster.name, settings.cluster.key)
  return choice(asked.startsAlone ? ownName : 'default', null)
}
