import type { z } from 'zod'
import type { NodeId } from '../../../shared/ids.ts'
import { parseSaid } from '../../../shared/wire/peer/parse-tolerantly.ts'
import { type AskedKind, PEER_STREAMS, type PeerAnswer, type PeerRequest } from '../../../shared/wire/peer/peer-streams.ts'
import { requestJson, sendJson } from './json-stream.ts'
import type { LinkStream } from './link-stream.ts'

/** The links that features need, direct or routed through other nodes. */
export interface StreamLinks {
  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream
  handleStream(kind: string, handler: (stream: LinkStream) => Promise<void>): void
}

/**
 * Sends a request to another node, as defined in the map of streams.
 *
 * @throws AppError with the code of the other side's error, `stream-invalid`, or `link-lost`; the signal's reason after
 *   the kind's limit
 */
export async function askPeer<Kind extends AskedKind>(
  links: Pick<StreamLinks, 'openStream'>,
  nodeId: NodeId,
  kind: Kind,
  request: PeerRequest<Kind>,
  signal?: AbortSignal,
): Promise<PeerAnswer<Kind>> {
  const { answer, limit } = PEER_STREAMS[kind]
  const signals = [signal, limit.waitMs === null ? undefined : AbortSignal.timeout(limit.waitMs)].filter((each) => each !== undefined)
  const stream = links.openStream(nodeId, kind, request, signals.length === 0 ? undefined : AbortSignal.any(signals))
  return requestJson(stream, answer as unknown as z.ZodType<PeerAnswer<Kind>>)
}

/** Answers the requests of other nodes. An error of `answer` is passed on with its code. */
export function answerPeers<Kind extends AskedKind>(
  links: Pick<StreamLinks, 'handleStream'>,
  kind: Kind,
  answer: (request: PeerRequest<Kind>, stream: LinkStream) => PeerAnswer<Kind> | Promise<PeerAnswer<Kind>>,
): void {
  const schema = PEER_STREAMS[kind].request as unknown as z.ZodType<PeerRequest<Kind>>
  links.handleStream(kind, async (stream) => sendJson(stream, await answer(parseSaid(schema, stream.header), stream)))
}
