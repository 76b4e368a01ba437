import { LinkStreams } from '../main/cluster/link/streams/link-streams.ts'
import { formatStreamFrame, parseStreamFrame } from '../main/cluster/link/streams/stream-frame.ts'
import type { NodeId } from '../main/shared/ids.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const open = formatStreamFrame({ type: 'open', streamId: 1, payload: Buffer.from('{"kind":"echo","header":{"a":[1]}}') })

/** Splits an input into the successive frames of a link. Each follows two bytes with its length. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at)
    frames.push(bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return frames
}

const sequence = (...frames: Uint8Array[]): Buffer =>
  Buffer.concat(frames.flatMap((frame) => [Buffer.from([frame.length >> 8, frame.length & 255]), Buffer.from(frame)]))

export default {
  seeds: [
    sequence(
      open,
      formatStreamFrame({ type: 'data', streamId: 1, payload: Buffer.from('words') }),
      formatStreamFrame({ type: 'end', streamId: 1 }),
    ),
    sequence(
      open,
      formatStreamFrame({ type: 'credit', streamId: 1, creditBytes: 1000 }),
      formatStreamFrame({ type: 'reset', streamId: 1, payload: Buffer.from('{"code":"x","message":"y"}') }),
    ),
  ],
  words: ['"kind"', '"header"', 'echo', '{"code":"__proto__","message":""}'],
  async run(bytes) {
    const log = { debug: () => undefined, warn: () => undefined }
    const streams = new LinkStreams({
      nodeId: 'a'.repeat(32) as NodeId,
      isDialer: false,
      log,
      handlerOf: (kind) =>
        kind === 'echo'
          ? async (stream) => {
              for await (const chunk of stream) await stream.send(chunk)
            }
          : undefined,
      sendNow: (frame) => void (parseStreamFrame(frame) ?? fail('this node sent what is no frame')),
      sendInTurn: async () => undefined,
    })
    for (const frame of framesOf(bytes)) if (streams.receive(frame) !== null) break
    await Promise.resolve()
    streams.close({ code: 'link-lost', message: 'over' } as never)
  },
} satisfies FuzzTarget

function fail(message: string): never {
  throw new Error(message)
}
