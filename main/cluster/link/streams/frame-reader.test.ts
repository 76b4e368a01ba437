import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameReader } from './frame-reader.ts'

const FRAMES = 64
const FRAME_BYTES = 2 ** 20

describe('a reader of frames', () => {
  let server: WebSocketServer
  let sender: WebSocket
  let receiver: WebSocket
  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    await once(server, 'listening')
    const accepted = once(server, 'connection')
    sender = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    receiver = (await accepted)[0] as WebSocket
    await once(sender, 'open')
  })
  afterEach(() => {
    sender.terminate()
    server.close()
  })

  it('B3: receives no more from a stranger than is read, and loses nothing', async () => {
    const { _socket: socket } = receiver as unknown as { readonly _socket: { readonly bytesRead: number } }
    const reader = new FrameReader(receiver)
    sender.send('hello')
    for (let index = 0; index < FRAMES; index++) sender.send(Buffer.alloc(FRAME_BYTES, index))
    await sleep(1_000)
    expect(socket.bytesRead).toBeLessThan(8 * FRAME_BYTES)
    expect(await reader.first(AbortSignal.timeout(10_000))).toBe('hello')
    const seen: number[] = []
    reader.forward((bytes) => seen.push(bytes[0] ?? -1))
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(FRAMES)
    expect(seen).toEqual(Array.from({ length: FRAMES }, (_, index) => index))
  }, 60_000)
})
