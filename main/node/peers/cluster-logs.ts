import { answerPeers, askPeer, type StreamLinks } from '../../cluster/link/streams/ask-peer.ts'
import type { RecentLog } from '../../platform/log/recent-log.ts'
import { plainText } from '../../shared/formats/plain-text.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { LogPage, LogQuery } from '../../shared/wire/peer/log-lines.ts'

export interface ClusterLogsDependencies {
  readonly nodeId: NodeId
  readonly recentLog: Pick<RecentLog, 'page'>
  readonly links: StreamLinks
}

/** The logs of the nodes: gives this node's to the other members, and reads theirs. */
export function createClusterLogs({ nodeId, recentLog, links }: ClusterLogsDependencies) {
  answerPeers(links, 'logs', (query) => recentLog.page(query))

  /** @throws AppError `unknown-stream-kind` for a node of an older version, and the errors of the link */
  return async (owner: NodeId, query: LogQuery, signal: AbortSignal): Promise<LogPage> => {
    if (owner === nodeId) return recentLog.page(query)
    const page = await askPeer(links, owner, 'logs', query, signal)
    return { ...page, lines: page.lines.map((line) => ({ ...line, text: plainText(line.text) })) }
  }
}
