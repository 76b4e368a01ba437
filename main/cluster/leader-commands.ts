import type { Clock } from '../platform/clock.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import type { NodeId } from '../shared/ids.ts'
import { LeaderAnswer, LeaderCommand } from '../shared/wire/leader-command.ts'
import type { ClusterService } from './cluster-service.ts'
import { requestJson, sendJson } from './link/json-stream.ts'
import type { LinkStream } from './link/link-stream.ts'

const STREAM_KIND = 'leader-command'
/** An election settles within this. */
const LEADER_WAIT_MS = 10_000
const LEADER_RETRY_MS = 100

export interface LeaderCommandsDependencies {
  readonly nodeId: NodeId
  readonly service: Pick<ClusterService, 'leader' | 'isLeader' | 'append' | 'state'>
  readonly links: {
    openStream(nodeId: NodeId, kind: string, header: unknown, signal?: AbortSignal): LinkStream
    handleStream(kind: string, handler: (stream: LinkStream) => Promise<void>): void
  }
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Runs where this node leads. */
  decide(command: LeaderCommand): { readonly answer: LeaderAnswer; readonly events: Parameters<ClusterService['append']>[0] }
}

/** Serves commands while this node leads, and gives a function that has one carried out by whoever leads. */
export function createLeaderCommands(dependencies: LeaderCommandsDependencies): (command: LeaderCommand, signal: AbortSignal) => Promise<LeaderAnswer> {
  const { service, links, clock, nodeId } = dependencies

  const execute = (command: LeaderCommand): LeaderAnswer => {
    const { answer, events } = dependencies.decide(command)
    service.append(events)
    return answer
  }

  links.handleStream(STREAM_KIND, async (stream) => {
    if (!service.isLeader()) throw new AppError('no-leader', 'This node does not lead any more.')
    await sendJson(stream, execute(LeaderCommand.parse(stream.header)))
  })

  return async (command, signal) => {
    const deadlineMs = clock.now() + LEADER_WAIT_MS
    for (;;) {
      signal.throwIfAborted()
      const leader = service.leader()
      try {
        if (leader?.nodeId === nodeId && service.isLeader()) return execute(command)
        if (leader) return await requestJson(links.openStream(leader.nodeId, STREAM_KIND, command, signal), LeaderAnswer)
      } catch (error) {
        if (!isPassing(error)) throw error
      }
      if (clock.now() > deadlineMs) throw new AppError('no-leader', 'The cluster has no leader right now. Try again in a moment.')
      await clock.sleep(LEADER_RETRY_MS, signal)
    }
  }
}

/** What a change of leader brings about. A command may then have been carried out all the same: both kinds bear repeating. */
function isPassing(error: unknown): boolean {
  return ['no-leader', 'no-link', 'link-lost', 'link-closed'].includes(errorCode(error))
}
