import { z } from 'zod'
import { requestJson, sendJson } from '../../cluster/link/streams/json-stream.ts'
import type { RoutedLinks } from '../../cluster/routed-links.ts'
import type { Log } from '../../platform/log/log.ts'
import { Link } from '../../shared/topology.ts'

const STREAM_KIND = 'measure-links'
/** Each address takes up to a second. */
const NODE_LIMIT_MS = 20_000
const MAX_LINKS = 4096
const Answer = z.strictObject({ links: z.array(Link).max(MAX_LINKS) })

export interface MeasureLinksDependencies {
  readonly routes: Pick<RoutedLinks, 'peers' | 'openStream' | 'handleStream'>
  readonly log: Pick<Log, 'warn'>
  /** The links that start here, their throughput measured. */
  measureOwn(signal: AbortSignal): Promise<readonly Link[]>
}

/**
 * Lets other nodes have this one measure its links, and gives a function that has all nodes of the cluster do so: one after
 * the other, as they would share the network. One that does not answer in time is left out.
 */
export function createMeasureLinks({ routes, log, measureOwn }: MeasureLinksDependencies): (signal: AbortSignal) => Promise<Link[]> {
  routes.handleStream(STREAM_KIND, async (stream) => sendJson(stream, { links: await measureOwn(stream.signal) }))
  return async (signal) => {
    const links = [...(await measureOwn(signal))]
    for (const { nodeId } of routes.peers()) {
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(NODE_LIMIT_MS)])
        links.push(...(await requestJson(routes.openStream(nodeId, STREAM_KIND, null, limit), Answer)).links)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('a node has not measured its links', { nodeId, error })
      }
    }
    return links
  }
}
