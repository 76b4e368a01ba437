import type { ClusterChoice } from '../../domain/admission/cluster-choice.ts'
import type { NodeSettings } from '../files/node-settings.ts'

const MOST_NAME_CHARACTERS = 56

/** The cluster of a single machine: named after it and made unique, because two machines may have the same name. */
export function ownClusterName(machineName: string, nodeId: string): string {
  return `${
    [...machineName.trim()]
      .slice(0, MOST_NAME_CHARACTERS / 2)
      .join('')
      .trim() || 'exo'
  } (${nodeId.slice(0, 4)})`
}

/**
 * The command line takes precedence over the choice made in the app, which takes precedence over the default. The
 * cluster of a single machine is never open.
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
