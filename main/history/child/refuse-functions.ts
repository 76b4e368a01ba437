import { AppError } from '../../shared/app-error.ts'
import type { CalledFunctions } from './called-functions.ts'

/** Table functions that only read the lake and DuckDB's information about it. Functions that execute text as SQL are not included. */
const READING_TABLES: ReadonlySet<string> = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'summary',
  'json_each',
  'json_tree',
  'icu_calendar_names',
  'pg_timezone_names',
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_extensions',
  'duckdb_functions',
  'duckdb_indexes',
  'duckdb_keywords',
  'duckdb_memory',
  'duckdb_schemas',
  'duckdb_sequences',
  'duckdb_settings',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'pragma_database_size',
  'pragma_platform',
  'pragma_show',
  'pragma_storage_info',
  'pragma_table_info',
  'pragma_version',
  'ducklake_current_snapshot',
  'ducklake_last_committed_snapshot',
  'ducklake_list_files',
  'ducklake_options',
  'ducklake_settings',
  'ducklake_snapshots',
  'ducklake_table_changes',
  'ducklake_table_deletions',
  'ducklake_table_info',
  'ducklake_table_insertions',
  // These read files; DuckDB restricts them to the files of the lake.
  'glob',
  'read_blob',
  'read_csv',
  'read_csv_auto',
  'read_json',
  'read_json_auto',
  'read_json_objects',
  'read_json_objects_auto',
  'read_ndjson',
  'read_ndjson_auto',
  'read_ndjson_objects',
  'read_parquet',
  'read_text',
  'sniff_csv',
  'parquet_scan',
  'parquet_metadata',
  'parquet_schema',
  'parquet_file_metadata',
  'parquet_full_metadata',
  'parquet_kv_metadata',
  'parquet_bloom_probe',
])
/** Functions in expressions that do more than compute. */
const ACTING_SCALARS: ReadonlySet<string> = new Set([
  'write_log',
  'nextval',
  'sleep_ms',
  'query',
  'query_table',
  'json_execute_serialized_sql',
])

/** @throws AppError `query-refused` */
export function refuseFunctions({ tables, scalars }: CalledFunctions): void {
  const refused =
    [...tables].find((name) => !READING_TABLES.has(name)) ??
    [...scalars].find((name) => ACTING_SCALARS.has(name) || (name.startsWith('ducklake_') && !READING_TABLES.has(name)))
  if (refused !== undefined) throw new AppError('query-refused', `The history is read-only and does not call ${refused}.`)
}
