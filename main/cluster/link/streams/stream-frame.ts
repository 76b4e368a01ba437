/**
 * The binary frames that carry the streams of a link. Layout: type (1 byte), stream id (4 bytes, big-endian), payload.
 * Payloads: open `{kind, header}` as JSON; data bytes; end nothing; reset `{code, message}` as JSON; credit 4 bytes.
 */
export type StreamFrame =
  | { readonly type: 'open'; readonly streamId: number; readonly payload: Uint8Array }
  | { readonly type: 'data'; readonly streamId: number; readonly payload: Uint8Array }
  | { readonly type: 'end'; readonly streamId: number }
  | { readonly type: 'reset'; readonly streamId: number; readonly payload: Uint8Array }
  | { readonly type: 'credit'; readonly streamId: number; readonly creditBytes: number }

const TYPES = ['open', 'data', 'end', 'reset', 'credit'] as const
const HEAD_BYTES = 5

export function formatStreamFrame(frame: StreamFrame): Uint8Array {
  const payload = 'payload' in frame ? frame.payload : new Uint8Array(frame.type === 'credit' ? 4 : 0)
  const bytes = new Uint8Array(HEAD_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, TYPES.indexOf(frame.type))
  view.setUint32(1, frame.streamId)
  bytes.set(payload, HEAD_BYTES)
  if (frame.type === 'credit') view.setUint32(HEAD_BYTES, frame.creditBytes)
  return bytes
}

/** Null if the bytes are not a frame. The payload shares the memory of `bytes`. */
export function parseStreamFrame(bytes: Uint8Array): StreamFrame | null {
  if (bytes.length < HEAD_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = TYPES[view.getUint8(0)]
  const streamId = view.getUint32(1)
  const payload = bytes.subarray(HEAD_BYTES)
  if (type === undefined) return null
  if (type === 'end') return payload.length === 0 ? { type, streamId } : null
  if (type === 'credit') return payload.length === 4 ? { type, streamId, creditBytes: view.getUint32(HEAD_BYTES) } : null
  return { type, streamId, payload }
}
