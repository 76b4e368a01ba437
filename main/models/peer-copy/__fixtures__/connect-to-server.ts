import { StreamQueue } from '../../../platform/waiting/stream-queue.ts'
import type { ByteChannel } from '../../files/byte-channel.ts'
import type { ModelFileRequest } from '../../../shared/wire/peer/model-file-request.ts'
import { serveModelFiles, type ServedModels } from '../serve-model-files.ts'

export interface Wire {
  /** Simulates the network: it may change or cut the server's data. */
  onChunk?: (chunk: Uint8Array, sentBytes: number) => Uint8Array
}

/** Opens channels to an in-process server of `modelDir`. */
export function connectToServer(modelDir: string, wire: Wire = {}): ReturnType<typeof connectTo> {
  return connectTo({ modelDirOf: () => Promise.resolve(modelDir), held: () => Promise.reject(new Error('nothing is held here')) }, wire)
}

/** Opens channels to an in-process server of these models. */
export function connectTo(
  models: ServedModels,
  wire: Wire = {},
): { openChannel: (request: ModelFileRequest, signal: AbortSignal) => ByteChannel; requests: ModelFileRequest[] } {
  const requests: ModelFileRequest[] = []
  const openChannel = (request: ModelFileRequest, signal: AbortSignal): ByteChannel => {
    requests.push(request)
    const toClient = new StreamQueue<Uint8Array>()
    let sentBytes = 0
    const server: ByteChannel = {
      signal,
      send: async (chunk) => {
        const received = wire.onChunk?.(chunk, sentBytes) ?? chunk
        sentBytes += chunk.length
        toClient.push(received.slice())
      },
      end: async () => toClient.end(),
      receive: async () => null,
      cancel: (_, message) => toClient.fail(new Error(message)),
    }
    serveModelFiles(server, request, models).then(
      () => toClient.end(),
      (error: unknown) => toClient.fail(error),
    )
    return {
      signal,
      send: async () => undefined,
      end: async () => undefined,
      receive: async () => {
        const next = await toClient.next()
        return next.done ? null : next.value
      },
      cancel: () => void toClient.return(),
    }
  }
  return { openChannel, requests }
}
