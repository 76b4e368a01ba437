import { DuckDBTypeId, StatementType } from '@duckdb/node-api'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { QueriedTable } from '../../shared/history.ts'
import { calledFunctions } from './called-functions.ts'
import { classifyFailure } from './lake-failure.ts'
import type { Lake } from './open-lake.ts'
import { refuseFunctions } from './refuse-functions.ts'

/** Integers that JavaScript may not be able to represent are returned as text. */
const WIDE_INTEGERS: readonly DuckDBTypeId[] = [DuckDBTypeId.BIGINT, DuckDBTypeId.UBIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]

/**
 * Runs one read-only statement.
 *
 * @throws AppError `query-refused` for any other, `query-failed` if DuckDB rejects it
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
    const reader = await prepared.streamAndReadUntil(maxRows + 1)
    const columns = reader.columnNames().map((name, index) => ({ name, type: reader.columnType(index).toString() }))
    const isWide = columns.map((_, index) => WIDE_INTEGERS.includes(reader.columnTypeId(index)))
    const rows = reader.getRowsJson().slice(0, maxRows)
    return {
      columns,
      rows: rows.map((row) => row.map((value, index) => (isWide[index] && typeof value === 'string' ? narrow(value) : value))),
      truncated: reader.currentRowCount > maxRows || !reader.done,
    }
  } catch (error) {
    if (error instanceof AppError || classifyFailure(error) === 'interrupted') throw error
    // The paragraphs after the first advise changing settings, which clients cannot do.
    throw new AppError('query-failed', errorMessage(error).split('\n\n')[0]?.trim() ?? '', {}, error)
  }
}

function narrow(value: string): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
