import { isRecord } from './json-record.ts'

/** Converts an embeddings request of any client to the shape of `EmbeddingRequest`. Fields without effect are left out. */
export function lenientEmbedding(given: unknown): unknown {
  if (!isRecord(given)) return given
  const { user, dimensions, encoding_format: format, input } = given
  return {
    ...given,
    input: input ?? given['prompt'] ?? given['content'] ?? given['inputs'],
    user: typeof user === 'string' ? user : null,
    dimensions: dimensions === 0 || dimensions === -1 ? null : dimensions,
    encoding_format: format === '' ? null : format,
  }
}
