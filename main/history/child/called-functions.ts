import type { DuckDBConnection } from '@duckdb/node-api'
import { z } from 'zod'

const Serialized = z.union([
  z.looseObject({ error: z.literal(true) }),
  z.looseObject({ error: z.literal(false), statements: z.array(z.unknown()) }),
])

const COMMENT = String.raw`\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/`
const EXPLAIN = new RegExp(String.raw`^(?:${COMMENT})*EXPLAIN\b(?:(?:${COMMENT})*\([^)]*\)|(?:${COMMENT})*ANALYZE\b)*`, 'i')

export interface CalledFunctions {
  /** Lower-case names of functions used in place of a table. */
  readonly tables: ReadonlySet<string>
  /** Lower-case names of functions used in expressions. */
  readonly scalars: ReadonlySet<string>
}

/** The functions that a query calls in any notation, as found by DuckDB's own parser; null: the parser does not report them. */
export async function calledFunctions(connection: DuckDBConnection, statement: string): Promise<CalledFunctions | null> {
  const prepared = await connection.prepare('SELECT json_serialize_sql($1::VARCHAR)::VARCHAR')
  try {
    prepared.bindVarchar(1, statement.replace(EXPLAIN, ''))
    const [[json] = []] = (await prepared.runAndReadAll()).getRows()
    const parsed = Serialized.parse(JSON.parse(String(json)))
    return parsed.error ? null : collect(parsed['statements'])
  } finally {
    prepared.destroySync()
  }
}

function collect(root: unknown): CalledFunctions {
  const tables = new Set<string>()
  const scalars = new Set<string>()
  const open: unknown[] = [root]
  while (open.length > 0) {
    const node = open.pop()
    if (typeof node !== 'object' || node === null) continue
    const { type, function: tableFunction, function_name: name } = node as Readonly<Record<string, unknown>>
    if (typeof name === 'string') scalars.add(name.toLowerCase())
    if (type === 'TABLE_FUNCTION' && typeof tableFunction === 'object' && tableFunction !== null) {
      const { function_name: tableName, children } = tableFunction as Readonly<Record<string, unknown>>
      tables.add(typeof tableName === 'string' ? tableName.toLowerCase() : '')
      open.push(children, ...Object.entries(node).flatMap(([key, value]) => (key === 'function' ? [] : [value as unknown])))
    } else open.push(...(Object.values(node) as unknown[]))
  }
  return { tables, scalars }
}
