import { isRecord } from './json-record.ts'

/** Cohere's words for the end that is left out; the start is never. */
function cutOf(truncate: unknown): unknown {
  if (truncate === 'NONE') return false
  return truncate === 'END' ? true : truncate
}

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
    prompt_name: given['prompt_name'] ?? given['input_type'] ?? given['task'],
    truncate: cutOf(given['truncate'] ?? given['truncation']),
  }
}
