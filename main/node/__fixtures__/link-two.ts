import type { LinkStream } from '../../cluster/link/streams/link-stream.ts'
import { LinkStreams, type StreamHandler } from '../../cluster/link/streams/link-streams.ts'
import { AppError } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'

/** The links that features need, between two nodes in this process. */
export interface TestLinks {
  openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream
  handleStream(kind: string, handler: StreamHandler): void
}

/** Two nodes connected by real streams. */
export function linkTwo(a: NodeId, b: NodeId): readonly [TestLinks, TestLinks] {
  const handlers = [new Map<string, StreamHandler>(), new Map<string, StreamHandler>()] as const
  const peers = [b, a] as const
  const log = { debug: () => undefined, warn: () => undefined }
  const ends: LinkStreams[] = []
  const carry = (to: 0 | 1, bytes: Uint8Array): void => void queueMicrotask(() => void ends[to]?.receive(bytes))
  for (const side of [0, 1] as const) {
    const other = side === 0 ? 1 : 0
    ends.push(
      new LinkStreams({
        nodeId: peers[side],
        isDialer: side === 0,
        log,
        handlerOf: (kind) => handlers[side].get(kind),
        sendNow: (bytes) => carry(other, bytes),
        sendInTurn: async (bytes) => carry(other, bytes),
      }),
    )
  }
  const linksOf = (side: 0 | 1): TestLinks => ({
    openStream(nodeId, kind, header, signal) {
      const streams = ends[side]
      if (nodeId !== peers[side] || !streams) throw new AppError('no-link', `There is no link to ${nodeId}.`)
      return streams.open(kind, header, signal)
    },
    handleStream: (kind, handler) => void handlers[side].set(kind, handler),
  })
  return [linksOf(0), linksOf(1)]
}
