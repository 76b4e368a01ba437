import { DatagramChannel } from '../main/cluster/link/datagrams/datagram-channel.ts'
import { DatagramSeal, linkTagOf } from '../main/cluster/link/datagrams/datagram-seal.ts'
import { formatHeartbeat } from '../main/cluster/link/datagrams/heartbeat.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const secret = Buffer.alloc(72, 7)
const peer = { host: '192.168.1.2', port: 1 }

/** The first byte selects whether the rest is sealed with the link's keys, as by a member, or is a whole datagram, as by a stranger. */
export default {
  seeds: [
    Buffer.concat([Buffer.from([1, 0]), formatHeartbeat({ sentMs: 5, echoMs: 4, heldMs: 1, isLossy: true })]),
    Buffer.concat([Buffer.from([1, 1]), Buffer.from('{"type":"election"}')]),
    Buffer.concat([Buffer.from([0]), new DatagramSeal(secret, true).seal(Buffer.from([0, 1, 2]))]),
  ],
  run(bytes) {
    let receive: (datagram: Buffer, from: typeof peer) => void = () => undefined
    const channel = new DatagramChannel({
      seal: new DatagramSeal(secret, false),
      socket: {
        send: () => undefined,
        listen: (_tag, listener) => (receive = listener),
        forget: () => undefined,
        close: () => Promise.resolve(),
      },
      peer,
      now: () => 5,
      onHeard: () => undefined,
      onMoved: () => undefined,
      onMissed: () => undefined,
      onRoundTrip: (durationMs) => {
        if (!(durationMs >= 0)) throw new Error(`a round trip of ${durationMs} ms`)
      },
      onMessage: () => undefined,
    })
    const datagram = bytes[0] === 1 ? new DatagramSeal(secret, true).seal(bytes.subarray(1)) : bytes.subarray(1)
    if (linkTagOf(datagram) !== null) receive(datagram, peer)
    channel.beat()
  },
} satisfies FuzzTarget
