/** The bytes of an answer or a file, which may be longer than announced or have no end; null if there are more than the limit. */
export async function readWithin(body: AsyncIterable<Uint8Array> | null | undefined, mostBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
