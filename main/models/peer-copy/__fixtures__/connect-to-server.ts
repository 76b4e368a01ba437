import { StreamQueue } from '../../../platform/waiting/stream-queue.ts'
import type { ByteChannel } from '../../files/byte-channel.ts'
import type { ModelFileRequest } from '../../../shared/wire/peer/model-file-request.ts'
import { serveModelFiles, type ServedModels } from '../serve-model-files.ts'

export interface Wire {
  /** Stands for the network: may change or cut what the server sends. */
  onChunk?: (chunk: Uint8Array, sentBytes: number) => Uint8Array
}

/** Opens channels to a server of `modelDir` in this process. */
export function connectToServer(modelDir: string, wire: Wire = {}): ReturnType<typeof connectTo> {
  return connectTo({ modelDirOf: () => Promise.resolve(modelDir), held: () => Promise.reject(new Error('nothing is held here')) }, wire)
}

/** Opens channels to a server of these models in this process. */
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
