import { type DuckDBResult, DuckDBTypeId, JsonDuckDBValueConverter, StatementType } from '@duckdb/node-api'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { QueriedTable } from '../../shared/history.ts'
import { calledFunctions } from './called-functions.ts'
import { classifyFailure } from './lake-failure.ts'
import type { Lake } from './open-lake.ts'
import { refuseFunctions } from './refuse-functions.ts'

/** Integers that JavaScript may not be able to represent are returned as text. */
const WIDE_INTEGERS: readonly DuckDBTypeId[] = [DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]

/** The node holds a result as JSON, on the thread that also answers all other requests. */
const MOST_BYTES = 8 * 2 ** 20

/**
 * Runs one read-only statement.
 *
 * @throws AppError `query-refused` for any other, `query-failed` if DuckDB rejects it or a row is too large
 */
export async function selectRows({ connection }: Lake, statement: string, maxRows: number): Promise<QueriedTable> {
  try {
    const statements = await connection.extractStatements(statement)
    if (statements.count !== 1)
      throw new AppError('query-refused', `The history runs one statement at a time; this is ${statements.count}.`)
    const called = await calledFunctions(connection, statement)
    if (called) refuseFunctions(called)
    const prepared = await statements.prepare(0)
    const { statementType } = prepared
    if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN) {
      throw new AppError(
        'query-refused',
        `The history is read-only: it runs SELECT, DESCRIBE, SUMMARIZE and EXPLAIN, not ${StatementType[statementType]}.`,
      )
    }
    if (!called)
      throw new AppError(
        'query-refused',
        'The history is read-only, and the effect of this statement cannot be checked in advance. Write it as a plain SELECT.',
      )
    const result = await prepared.stream()
    const columns = result.columnNames().map((name, index) => ({ name, type: result.columnType(index).toString() }))
    return { columns, ...(await readRows(result, maxRows, MOST_BYTES - JSON.stringify(columns).length)) }
  } catch (error) {
    if (error instanceof AppError || classifyFailure(error) === 'interrupted') throw error
    // The paragraphs after the first advise changing settings, which clients cannot do.
    throw new AppError('query-failed', errorMessage(error).split('\n\n')[0]?.trim() ?? '', {}, error)
  }
}

/** Reads rows until there are no more or until a limit is reached, since the result of one short statement can have any size. */
async function readRows(result: DuckDBResult, maxRows: number, maxBytes: number): Promise<Pick<QueriedTable, 'rows' | 'truncated'>> {
  const isWide = Array.from({ length: result.columnCount }, (_, index) => WIDE_INTEGERS.includes(result.columnTypeId(index)))
  const rows: unknown[][] = []
  let bytes = 0
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (let index = 0; index < chunk.rowCount; index++) {
      if (rows.length === maxRows) return { rows, truncated: true }
      const row = chunk
        .convertRowValues(index, JsonDuckDBValueConverter)
        .map((value, column) => (isWide[column] && typeof value === 'string' ? narrow(value) : value))
      bytes += JSON.stringify(row).length
      if (bytes > maxBytes && rows.length === 0)
        throw new AppError('query-failed', `A row of the result is larger than ${MOST_BYTES / 2 ** 20} MiB. Select less of it.`)
      if (bytes > maxBytes) return { rows, truncated: true }
      rows.push(row)
    }
  }
  return { rows, truncated: false }
}

function narrow(value: string): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
