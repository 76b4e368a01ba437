import type { HubResponse } from './create-hub-fetch.ts'

/** The text of an answer, which may be longer than announced or have no end; null if it is longer than the limit. */
export async function readHubText({ body }: Pick<HubResponse, 'body'>, mostBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > mostBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes).toString('utf8')
}
