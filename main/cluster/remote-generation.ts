import { AppError, errorCode, errorMessage } from '../shared/app-error.ts'
import { hasTrait } from '../shared/error-codes.ts'
import type { GenerationPart, GenerationSpec } from '../shared/inference/generation.ts'
import type { InstanceId, NodeId } from '../shared/ids.ts'
import { MAX_CHUNK_BYTES } from '../shared/wire/peer/frame-limits.ts'
import type { GenerationStreamHeader, GenerationStreamPart } from '../shared/wire/peer/generation-stream.ts'
import { parseSaid } from '../shared/wire/peer/parse-tolerantly.ts'
import { PEER_STREAMS } from '../shared/wire/peer/peer-streams.ts'
import type { StreamLinks } from './link/streams/ask-peer.ts'
import { receiveJson, sendJson } from './link/streams/json-stream.ts'
import type { LinkStream } from './link/streams/link-stream.ts'

const STREAM_KIND = 'generation'
/** An older node refuses this kind of stream. With the other kind it would ignore the fields that it does not know. */
const RULED_STREAM_KIND = 'ruled-generation'
const { request, answer, more, limit } = PEER_STREAMS[STREAM_KIND]

/** The fields of a generation in version 4 of links. */
const OLDER_FIELDS = {
  generation: new Set<string>([
    'generationId',
    'promptTokenIds',
    'resumedTokens',
    'maxTokens',
    'stopTokenIds',
    'sampling',
    'topLogprobs',
    'promptLogprobs',
    'draft',
  ] satisfies (keyof GenerationSpec)[]),
  sampling: new Set<string>([
    'temperature',
    'topP',
    'topK',
    'minP',
    'repetitionPenalty',
    'presencePenalty',
    'frequencyPenalty',
    'logitBias',
    'seed',
  ] satisfies (keyof GenerationSpec['sampling'])[]),
}

function streamKindOf(generation: GenerationSpec): keyof typeof PEER_STREAMS {
  const says = (fields: object, known: ReadonlySet<string>): boolean =>
    Object.entries(fields).every(([field, value]) => value === undefined || known.has(field))
  const isOlder = says(generation, OLDER_FIELDS.generation) && says(generation.sampling, OLDER_FIELDS.sampling)
  return isOlder ? STREAM_KIND : RULED_STREAM_KIND
}

export interface RemoteInstance {
  readonly instanceId: InstanceId
  readonly epoch: number
}

/** Lets other nodes generate on instances whose rank 0 is on this node. `generate` throws `worker-died` if it is not (or no longer). */
export function serveGenerations(
  links: StreamLinks,
  generate: (instance: RemoteInstance, generation: GenerationSpec, signal: AbortSignal) => AsyncIterable<GenerationPart>,
): void {
  const serve = async (stream: LinkStream): Promise<void> => {
    const { generation, ...instance } = parseSaid(request, stream.header)
    const cancel = new AbortController()
    const onLost = (): void => cancel.abort(stream.signal.reason)
    stream.signal.addEventListener('abort', onLost, { once: true })
    void receiveJson(stream, more).then((message) => {
      if (message) cancel.abort(new AppError('cancelled', 'The client disconnected.'))
    }, onLost)
    for await (const { generationId: _, ...part } of generate(instance, generation, cancel.signal)) await sendLarge(stream, part)
  }
  for (const kind of [STREAM_KIND, RULED_STREAM_KIND]) links.handleStream(kind, serve)
}

/**
 * Generates on another node. Aborting requests an early end; the parts still end with `generation-end`.
 *
 * @throws AppError the engine's code, `instance-recovering` if there is no connection to that node, or `worker-died` if it is lost
 */
export async function* generateRemotely(
  links: StreamLinks,
  nodeId: NodeId,
  instance: RemoteInstance,
  generation: GenerationSpec,
  signal: AbortSignal,
): AsyncGenerator<GenerationPart> {
  const { generationId } = generation
  let stream: LinkStream | null = null
  const cancel = (): void => {
    if (!stream) return
    // If this cannot be sent, the stream has ended: `receivePart` throws, and the other side ends too.
    sendJson(stream, { type: 'cancel' }).catch(() => undefined)
  }
  try {
    const header: GenerationStreamHeader = { instanceId: instance.instanceId, epoch: instance.epoch, generation }
    stream = links.openStream(nodeId, streamKindOf(generation), header)
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    for (let part = await receivePart(stream); part !== null; part = await receivePart(stream)) {
      yield { ...part, generationId }
      if (part.type === 'generation-end') return
    }
    throw new AppError('link-lost', 'The answer from the other node was interrupted.')
  } catch (error) {
    if (errorCode(error) === 'unknown-stream-kind')
      throw new AppError(
        'invalid-request',
        'The node that computes this answer runs an older version of exo and does not support all parameters ' +
          'of the request. Update exo there, or leave out parameters such as allowed_token_ids, bad_words, ' +
          'min_tokens and guided answers.',
        { nodeId },
        error,
      )
    // Nothing was tried: the node is away for a moment, or it has left, and the model is placed elsewhere.
    if (errorCode(error) === 'no-link') throw new AppError('instance-recovering', errorMessage(error), { nodeId }, error)
    throw hasTrait(errorCode(error), 'link-fault')
      ? new AppError('worker-died', errorMessage(error), { nodeId, code: errorCode(error) }, error)
      : error
  } finally {
    signal.removeEventListener('abort', cancel)
    stream?.cancel('cancelled', 'The client disconnected.')
  }
}

/** Sends a JSON value in as many chunks as it needs; the first four bytes are its length. */
async function sendLarge(stream: LinkStream, value: unknown): Promise<void> {
  const text = Buffer.from(JSON.stringify(value))
  const framed = Buffer.allocUnsafe(4 + text.length)
  framed.writeUInt32BE(text.length, 0)
  text.copy(framed, 4)
  for (let start = 0; start < framed.length; start += MAX_CHUNK_BYTES) await stream.send(framed.subarray(start, start + MAX_CHUNK_BYTES))
}

/** @throws AppError `stream-invalid` */
async function receivePart(stream: LinkStream): Promise<GenerationStreamPart | null> {
  const first = await stream.receive()
  if (first === null) return null
  const chunks = [Buffer.from(first)]
  const lengthBytes = first.length < 4 ? 0 : 4 + (chunks[0]?.readUInt32BE(0) ?? 0)
  if (lengthBytes <= 4 || lengthBytes > limit.bytes) throw invalidPart(stream)
  for (let received = first.length; received < lengthBytes; ) {
    const chunk = await stream.receive()
    if (chunk === null) throw invalidPart(stream)
    chunks.push(Buffer.from(chunk))
    received += chunk.length
  }
  try {
    return answer.parse(JSON.parse(Buffer.concat(chunks).subarray(4).toString('utf8')))
  } catch (cause) {
    throw invalidPart(stream, cause)
  }
}

function invalidPart(stream: LinkStream, cause?: unknown): AppError {
  return new AppError('stream-invalid', `Node ${stream.nodeId} sent an invalid part of an answer.`, {}, cause)
}
