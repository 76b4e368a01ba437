/**
 * The thread that owns the UDP port of a node's links. The node's own loop may be blocked for seconds, which its peers
 * must not take for its end, so this thread sends the heartbeats during that time.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError, errorMessage } from '../../../shared/app-error.ts'
import { bindDatagrams } from './bind-datagrams.ts'
import { PULSE, type DatagramCommand, type DatagramReport, type DatagramThreadData } from './datagram-message.ts'
import { linkTagOf, type SealKey, sealPayload } from './datagram-seal.ts'
import { formatStandbyBeat } from './heartbeat.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'

const LOOK_MS = 250
/** Without a pulse for this long, the node's loop counts as blocked. */
const STILL_MS = 500
/** Datagrams that may wait for the loop; further ones are dropped, as in a full socket. */
const MOST_WAITING = 1024

const port = parentPort
if (!port) throw new AppError('internal', 'This file is the entry of a worker thread.')
const { host, port: udpPort, pulse } = workerData as DatagramThreadData
const report = (message: DatagramReport, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

interface StandbyLink {
  readonly key: SealKey
  /** The address of its last datagram. */
  to: PeerAddress | null
}

const links = new Map<string, StandbyLink>()
let forwarded = 0
/** The node's loop monitors the links, so send errors need no handling here. */
const ignore = (): void => undefined

const bound = await bindDatagrams(
  host,
  udpPort,
  (datagram, from) => {
    const tag = linkTagOf(datagram)
    if (tag === null || !links.has(tag) || forwarded - Atomics.load(pulse, PULSE.taken) > MOST_WAITING) return
    forwarded = (forwarded + 1) | 0
    const copy = new Uint8Array(datagram)
    report({ type: 'datagram', datagram: copy, from }, [copy.buffer])
  },
  ignore,
).catch((error: unknown) => {
  report({ type: 'open', reason: errorMessage(error) })
  return null
})

let knownBeats = Atomics.load(pulse, PULSE.beats)
let pulseMs = performance.now()

const look = (): void => {
  const beats = Atomics.load(pulse, PULSE.beats)
  const nowMs = performance.now()
  if (beats !== knownBeats) {
    knownBeats = beats
    pulseMs = nowMs
  }
  if (nowMs - pulseMs < STILL_MS) return
  for (const { key, to } of links.values()) if (to) bound?.send(sealPayload(key, formatStandbyBeat()), to, ignore)
}

function receive(command: DatagramCommand): void {
  switch (command.type) {
    case 'send': {
      const link = links.get(linkTagOf(command.datagram) ?? '')
      if (link) link.to = command.to
      bound?.send(command.datagram, command.to, ignore)
      return
    }
    case 'listen':
      links.set(command.linkTag, { key: command.key, to: null })
      return
    case 'forget':
      links.delete(command.linkTag)
      return
    case 'close':
      clearInterval(timer)
      if (bound) bound.close(() => report({ type: 'closed' }))
      else report({ type: 'closed' })
  }
}

const timer = setInterval(look, LOOK_MS)
port.on('message', receive)
if (bound) report({ type: 'open', reason: null })
