import { answerPeers, askPeer } from '../../cluster/link/streams/ask-peer.ts'
import type { RoutedLinks } from '../../cluster/routed-links.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Link } from '../../shared/topology.ts'

export interface MeasureLinksDependencies {
  readonly routes: Pick<RoutedLinks, 'peers' | 'openStream' | 'handleStream'>
  readonly log: Pick<Log, 'warn'>
  /** The links that start at this node, with their measured throughput. */
  measureOwn(signal: AbortSignal): Promise<readonly Link[]>
}

/**
 * Measures this node's links on request of other nodes, and returns a function that makes all nodes of the cluster
 * measure theirs: one after another, because they share the network. A node that does not answer in time is left out.
 */
export function createMeasureLinks({ routes, log, measureOwn }: MeasureLinksDependencies): (signal: AbortSignal) => Promise<Link[]> {
  answerPeers(routes, 'measure-links', async (_, stream) => ({ links: [...(await measureOwn(stream.signal))] }))
  return async (signal) => {
    const links = [...(await measureOwn(signal))]
    for (const { nodeId } of routes.peers()) {
      try {
        links.push(...(await askPeer(routes, nodeId, 'measure-links', null, signal)).links)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('a node has not measured its links', { nodeId, error })
      }
    }
    return links
  }
}
