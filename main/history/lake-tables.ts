/** Name and SQL type of each column. */
export type Columns = readonly (readonly [name: string, type: string])[]

/**
 * Names and order follow the specification. Its `id INTEGER PRIMARY KEY` is `BIGINT NOT NULL` here: DuckLake has no
 * keys, and 31 bits are too few for ids that are unique across nodes and restarts.
 */
export const INFERENCE_COLUMNS: Columns = [
  ['id', 'BIGINT'],
  ['timestamp', 'TIMESTAMP'],
  ['model', 'VARCHAR'],
  ['prompt_tokens', 'INTEGER'],
  ['completion_tokens', 'INTEGER'],
  ['latency_ms', 'FLOAT'],
  ['devices', 'INTEGER'],
  ['strategy', 'VARCHAR'],
  ['trit', 'INTEGER'],
  ['seed', 'BIGINT'],
]

/** Further columns of an inference, joined by id. */
const DETAIL_COLUMNS: Columns = [
  ['id', 'BIGINT'],
  ['request_id', 'VARCHAR'],
  ['node', 'VARCHAR'],
  ['instance', 'VARCHAR'],
  ['requested_model', 'VARCHAR'],
  ['backend', 'VARCHAR'],
  ['finish_reason', 'VARCHAR'],
  ['error', 'VARCHAR'],
  ['ttft_ms', 'FLOAT'],
  ['queue_ms', 'FLOAT'],
  ['prefill_tokens_per_second', 'FLOAT'],
  ['decode_tokens_per_second', 'FLOAT'],
  ['cached_tokens', 'INTEGER'],
  ['resumes', 'INTEGER'],
]

export const TABLES: readonly { readonly name: string; readonly columns: Columns }[] = [
  { name: 'exo_inferences', columns: INFERENCE_COLUMNS },
  { name: 'exo_inference_details', columns: DETAIL_COLUMNS },
]

/** The columns of both tables, each once. */
export const ALL_COLUMNS: Columns = [...INFERENCE_COLUMNS, ...DETAIL_COLUMNS.slice(1)]

export function createTableSql(name: string, columns: Columns): string {
  const definitions = columns.map(([column, type]) => `${column} ${type}${column === 'id' ? ' NOT NULL' : ''}`)
  return `CREATE TABLE IF NOT EXISTS lake.${name} (${definitions.join(', ')})`
}
