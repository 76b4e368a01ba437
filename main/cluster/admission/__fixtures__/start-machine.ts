import { z } from 'zod'
import { systemClock } from '../../../platform/clock.ts'
import { createLog } from '../../../platform/log/log.ts'
import { systemRandom } from '../../../platform/random.ts'
import { randomHex } from '../../../platform/random-hex.ts'
import type { ClusterRecord } from '../../../shared/wire/peer/cluster-record.ts'
import type { NodeIdentity } from '../../identity/open-identity.ts'
import { createLinks } from '../../link/create-links.ts'
import type { Links } from '../../link/links.ts'
import { PairingDesk } from '../../pairing/pairing-desk.ts'
import { AdmitWindow } from '../admit-window.ts'
import { ClusterAdmission } from '../cluster-admission.ts'
import { dialKnock } from '../dial-knock.ts'

const Note = z.strictObject({ text: z.string() })

export const freshRecord = (): ClusterRecord => ({
  lineage: randomHex(systemRandom, 16),
  secret: randomHex(systemRandom, 32),
  removed: [],
  isSettled: false,
  members: [],
})

/** A machine of a closed cluster, with real links. */
export interface Machine {
  readonly name: string
  readonly nodeId: string
  readonly links: Links<{ text: string }>
  readonly admission: ClusterAdmission
  readonly window: AdmitWindow
  record: ClusterRecord
  readonly port: number
  stop(): Promise<void>
}

export interface MachineStart {
  readonly windowMs?: number
  readonly isStartedByPerson?: boolean
  readonly record?: ClusterRecord
  readonly isOnCable?: boolean
  readonly isNeighbour?: boolean
  /** Gets each line of its log. */
  readonly write?: (line: string) => void
}

export async function startMachine(
  name: string,
  identity: NodeIdentity,
  { windowMs = 600_000, isStartedByPerson = true, record = freshRecord(), isOnCable = false, isNeighbour = true, write }: MachineStart = {},
): Promise<Machine> {
  const ended = new AbortController()
  const log = createLog({ level: write ? 'info' : 'silent', format: 'json', write: write ?? (() => undefined) })
  const window = new AdmitWindow(systemClock, windowMs, isStartedByPerson)
  const shared = { identity, nodeName: name, clock: systemClock, random: systemRandom, log }
  const pathOf = () => ({ host: '127.0.0.1', isNeighbour, isOnCable })
  const desk = new PairingDesk(
    {
      ...shared,
      membership: () => ({ clusterName: 'desk', clusterKey: null, record: null, isOpen: false }),
      onKey: async () => undefined,
      onGiven: async () => undefined,
      onChange: () => undefined,
      pathOf,
    },
    ended.signal,
  )
  let port = 0
  const links: Links<{ text: string }> = createLinks({
    ...shared,
    totalBytes: 8e9,
    clusterName: 'desk',
    clusterKey: record.secret,
    admission: 'members',
    takesLinks: () => admission.hasMembers(),
    listen: { host: '127.0.0.1', port: 0 },
    acceptPairing: (webSocket, socket, peer) => desk.accept(webSocket, socket, peer, (...knock) => admission.accept(...knock)),
    schema: Note,
  })
  const store = { current: () => machine.record, change: async (next: ClusterRecord) => void (machine.record = next), fresh: freshRecord }
  const machine: { -readonly [Key in keyof Machine]?: Machine[Key] } & { record: ClusterRecord } = {
    name,
    nodeId: identity.nodeId,
    links,
    window,
    record,
  }
  const admission = new ClusterAdmission(
    {
      ...shared,
      clusterName: 'desk',
      store,
      links,
      window,
      peerPort: () => port,
      dial: (address, signal) => dialKnock(address, identity, pathOf, signal),
      onChange: () => undefined,
      onGoneOver: () => undefined,
    },
    ended.signal,
  )
  port = (await links.listen()).port
  Object.assign(machine, {
    admission,
    port,
    stop: async () => {
      ended.abort()
      await links.close()
    },
  })
  return machine as Machine
}
