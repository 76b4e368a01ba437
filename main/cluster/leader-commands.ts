import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log/log.ts'
import { withinTime } from '../platform/waiting/within-time.ts'
import { PlacementError } from '../domain/placement/placement-error.ts'
import { AppError, errorCode } from '../shared/app-error.ts'
import { hasTrait } from '../shared/error-codes.ts'
import type { NodeId } from '../shared/ids.ts'
import type { LeaderAnswer, LeaderCommand } from '../shared/wire/peer/leader-command.ts'
import type { ClusterService } from './cluster-service.ts'
import { answerPeers, askPeer, type StreamLinks } from './link/streams/ask-peer.ts'

/** An election is decided within this time. */
const LEADER_WAIT_MS = 10_000
const LEADER_RETRY_MS = 100
/** Nodes that have just joined report their resources within this time. */
const FORMING_WAIT_MS = 3_000
/** How long placing a model waits for another one that has just answered to become idle … */
const PLACING_WAIT_MS = 5_000
/** … and how long a request waits behind the requests of other models, at most as long as its client does. */
const REQUEST_WAIT_MS = 5 * 60_000
/** Long waits retry less often, because each try plans a placement. */
const PATIENT_RETRY_MS = 500

export interface LeaderCommandsDependencies {
  readonly nodeId: NodeId
  readonly service: Pick<ClusterService, 'leader' | 'isLeader' | 'append' | 'state'>
  readonly links: StreamLinks
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  readonly log: Pick<Log, 'info'>
  /** Runs on the node that leads. */
  decide(command: LeaderCommand): { readonly answer: LeaderAnswer; readonly events: Parameters<ClusterService['append']>[0] }
  /** Whether recently joined nodes have not reported their resources yet: a model that does not fit now may fit in a moment. */
  isForming(): boolean
}

/** Serves commands while this node leads, and returns a function that sends one to the current leader. */
export function createLeaderCommands(
  dependencies: LeaderCommandsDependencies,
): (command: LeaderCommand, signal: AbortSignal) => Promise<LeaderAnswer> {
  const { service, links, clock, log, nodeId } = dependencies

  const execute = async (command: LeaderCommand, signal: AbortSignal): Promise<LeaderAnswer> => {
    const askedAtMs = clock.now()
    const roomWaitMs = roomWaitOf(command)
    const waitedMs = (): number => clock.now() - askedAtMs
    const mayPass = (error: unknown): boolean => {
      if (!(error instanceof PlacementError)) return false
      return (dependencies.isForming() && waitedMs() < FORMING_WAIT_MS) || (error.details['mayPass'] === true && waitedMs() < roomWaitMs)
    }
    for (;;) {
      if (!service.isLeader()) throw new AppError('no-leader', 'This node is no longer the leader.')
      try {
        const { answer, events } = dependencies.decide(command)
        service.append(events)
        return answer
      } catch (error) {
        if (!mayPass(error)) throw error
      }
      await clock.sleep(waitedMs() < PLACING_WAIT_MS ? LEADER_RETRY_MS : PATIENT_RETRY_MS, signal)
    }
  }

  const nameOf = (member: NodeId): string => service.state().nodes[member]?.name ?? member

  answerPeers(links, 'leader-command', (command, { nodeId: member, signal }) => {
    log.info('another node asks for a change of the placed models', { member, name: nameOf(member), ...gistOf(command) })
    return execute(command, signal)
  })

  /** A leader that never answers keeps nobody waiting for longer than one that answers as late as it may. */
  const ask = (leaderId: NodeId, command: LeaderCommand, lastMs: number, signal: AbortSignal): Promise<LeaderAnswer> => {
    const silent = (): AppError =>
      new AppError(
        'leader-silent',
        `${nameOf(leaderId)} leads the cluster and has not placed or removed the model in time. ` +
          'Restart exo on that machine, or remove it from the cluster with exo remove.',
        { leaderId },
      )
    const leftMs = Math.max(0, lastMs - clock.now())
    return withinTime((askSignal) => askPeer(links, leaderId, 'leader-command', command, askSignal), leftMs, silent, clock, signal)
  }

  return async (command, signal) => {
    let deadlineMs = clock.now() + LEADER_WAIT_MS
    // Time for the leader's own wait, and for one change of the leader.
    const lastMs = clock.now() + roomWaitOf(command) + 2 * LEADER_WAIT_MS
    for (;;) {
      signal.throwIfAborted()
      const beganMs = clock.now()
      const leader = service.leader()
      try {
        if (leader?.nodeId === nodeId && service.isLeader()) return await execute(command, signal)
        if (leader) return await ask(leader.nodeId, command, lastMs, signal)
      } catch (error) {
        if (!isPassing(error)) throw error
        // If the leader was lost after a long wait, time is added for its successor to be elected.
        if (clock.now() - beganMs >= LEADER_WAIT_MS) deadlineMs = Math.min(clock.now() + LEADER_WAIT_MS, lastMs)
      }
      if (clock.now() > deadlineMs) throw new AppError('no-leader', 'The cluster has no leader right now. Try again in a moment.')
      await clock.sleep(LEADER_RETRY_MS, signal)
    }
  }
}

/** How long the leader waits for room. */
function roomWaitOf(command: LeaderCommand): number {
  return command.type === 'place-instance' && !command.pinned ? REQUEST_WAIT_MS : PLACING_WAIT_MS
}

/** What a command changes, for the log. */
function gistOf(command: LeaderCommand): Readonly<Record<string, unknown>> {
  if (command.type === 'delete-instance') return { type: command.type, instanceId: command.instanceId, reason: command.reason }
  return { type: command.type, modelId: command.card.modelId, pinned: command.pinned, reuse: command.reuse }
}

/** Errors during a change of leader. The command may have been executed nevertheless: both kinds of command can be repeated safely. */
function isPassing(error: unknown): boolean {
  return hasTrait(errorCode(error), 'leader-passing')
}
