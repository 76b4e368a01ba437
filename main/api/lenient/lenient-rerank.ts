import { isRecord } from './json-record.ts'

/** The text of a query or document: itself, or in an object, whose named fields are joined. */
function textOf(given: unknown, fields: readonly string[]): unknown {
  if (!isRecord(given)) return given
  const named = fields.flatMap((field) => (typeof given[field] === 'string' ? [`${field}: ${given[field]}`] : []))
  if (named.length > 0) return { text: named.join('\n') }
  return typeof given['content'] === 'string' && given['text'] === undefined ? { text: given['content'] } : given
}

/** Converts a rerank request of any client to the shape of `RerankRequest`. */
export function lenientRerank(given: unknown): unknown {
  if (!isRecord(given)) return given
  const documents = given['documents'] ?? given['texts'] ?? given['passages']
  const ranked = given['rank_fields']
  const fields = Array.isArray(ranked) ? ranked.filter((field) => typeof field === 'string') : []
  const query = textOf(given['query'], [])
  const topN = given['top_n'] ?? given['top_k'] ?? given['topN']
  return {
    ...given,
    query: isRecord(query) ? query['text'] : query,
    documents: Array.isArray(documents) ? documents.map((document: unknown) => textOf(document, fields)) : documents,
    top_n: topN === 0 || topN === -1 ? null : topN,
    return_documents: given['return_documents'] ?? given['return_text'],
    instruction: given['instruction'] ?? given['instruct'],
  }
}
