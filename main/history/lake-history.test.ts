import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HistoryQuery } from '../shared/history.ts'
import { extensionFile, openTestHistory, testEntry } from './__fixtures__/open-test-history.ts'
import type { History, HistoryStatus } from './history.ts'
import { INFERENCE_COLUMNS } from './lake-tables.ts'
import { UNSIGNED_SEED_SQL } from './signed-seed.ts'

const SEED_CREATE = `CREATE TABLE exo_inferences (
  id INTEGER PRIMARY KEY, timestamp TIMESTAMP, model VARCHAR, prompt_tokens INTEGER, completion_tokens INTEGER,
  latency_ms FLOAT, devices INTEGER, strategy VARCHAR, trit INTEGER, seed BIGINT
);`
const SEED_SELECT =
  'SELECT model, AVG(latency_ms) as avg_latency, COUNT(*) as count FROM exo_inferences GROUP BY model ORDER BY avg_latency;'

/** The lake, attached by another program with DuckDB. */
async function inDuckDb<Result>(use: (run: (sql: string) => Promise<unknown[][]>) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' })
  const connection = await instance.connect()
  try {
    await connection.run(`LOAD '${extensionFile}'`)
    return await use(async (sql) => (await connection.runAndReadAll(sql)).getRowsJson())
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function noticeOf(history: { status(): HistoryStatus }): string | null {
  const status = history.status()
  return status.state === 'on' ? status.notice : status.reason
}

describe('the history', { timeout: 120_000 }, () => {
  let folder: string
  let dir: string
  const opened: History[] = []
  const openIt: typeof openTestHistory = async (...parameters) => {
    const history = await openTestHistory(...parameters)
    opened.push(history)
    return history
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-history-'))
    dir = join(folder, 'history')
  })
  afterEach(async () => {
    for (const history of opened.splice(0)) await history.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('keeps what is known of an inference, and no word of it', async () => {
    const history = await openIt(dir)
    history.append(testEntry({ requestId: 'request-1', seed: '18446744073709551615', finishReasons: ['stop', 'length', 'stop'] }))
    const [row] = await history.recent(HistoryQuery.parse({}))
    expect(row).toMatchObject({
      model: 'mlx-community/SmolLM2-135M-Instruct-4bit',
      requested_model: 'smollm2',
      prompt_tokens: 10,
      completion_tokens: 20,
      cached_tokens: 5,
      latency_ms: 280,
      ttft_ms: 30,
      devices: 2,
      strategy: 'pipeline',
      backend: 'ring',
      trit: 0,
      seed: '18446744073709551615',
      request_id: 'request-1',
      node: 'node-a',
      instance: 'instance-1',
      finish_reason: 'stop,length',
      error: null,
      resumes: 0,
    })
    expect(Math.abs(Date.parse(row!.timestamp) + 280 - Date.now())).toBeLessThan(60_000)
    expect(await history.sql(`SELECT seed, ${UNSIGNED_SEED_SQL}::VARCHAR AS asked FROM exo_inferences`)).toEqual({
      columns: [
        { name: 'seed', type: 'BIGINT' },
        { name: 'asked', type: 'VARCHAR' },
      ],
      rows: [[-1, '18446744073709551615']],
      truncated: false,
    })
  })

  it('tells validators and speculators from ordinary requests', async () => {
    const history = await openIt(dir)
    for (const trit of [-1, 0, 1] as const) history.append(testEntry({ trit }))
    expect((await history.sql('SELECT trit, count(*) FROM exo_inferences GROUP BY trit ORDER BY trit')).rows).toEqual([
      [-1, 1],
      [0, 1],
      [1, 1],
    ])
  })

  it('lists by model, time and number, newest first', async () => {
    const history = await openIt(dir)
    for (const [requestId, totalMs] of [
      ['late', 10],
      ['early', 7_200_000],
      ['middle', 60_000],
    ] as const) {
      history.append(testEntry({ requestId, timings: { ...testEntry().timings, totalMs } }))
    }
    history.append(
      testEntry({
        requestId: 'other',
        model: 'x',
        modelId: null,
        instanceId: null,
        finishReasons: null,
        errorCode: 'model-not-found',
        seed: null,
        strategy: null,
        backend: null,
        devices: 0,
      }),
    )
    const ids = async (query: object): Promise<(string | null)[]> =>
      (await history.recent(HistoryQuery.parse(query))).map((row) => row.request_id)
    expect(await ids({ model: 'smollm2' })).toEqual(['late', 'middle', 'early'])
    expect(await ids({ model: 'mlx-community/SmolLM2-135M-Instruct-4bit', limit: 2 })).toEqual(['late', 'middle'])
    expect(await ids({ model: 'smollm2', sinceMs: Date.now() - 3_600_000 })).toEqual(['late', 'middle'])
    expect((await history.recent(HistoryQuery.parse({ model: 'x' })))[0]).toMatchObject({
      model: 'x',
      error: 'model-not-found',
      seed: null,
      finish_reason: null,
    })
  })

  it("answers the seed document's statements, its table made as far as DuckLake makes it", async () => {
    const history = await openIt(dir)
    history.append(testEntry({ modelId: 'slow', timings: { ...testEntry().timings, totalMs: 300 } }))
    history.append(testEntry({ modelId: 'fast', timings: { ...testEntry().timings, totalMs: 100 } }))
    history.append(testEntry({ modelId: 'fast', timings: { ...testEntry().timings, totalMs: 200 } }))
    expect((await history.sql(SEED_SELECT)).rows).toEqual([
      ['fast', 150, 2],
      ['slow', 300, 1],
    ])
    await history.stop()
    await inDuckDb(async (run) => {
      await run(`ATTACH 'ducklake:${join(folder, 'other.ducklake')}' AS other`)
      await run('USE other')
      await expect(run(SEED_CREATE)).rejects.toThrow('PRIMARY KEY/UNIQUE constraints are not supported in DuckLake')
      await run(SEED_CREATE.replace(' PRIMARY KEY', ''))
      const described = await run('SELECT column_name, column_type FROM (DESCRIBE exo_inferences)')
      expect(INFERENCE_COLUMNS.map(([name, type]) => [name, name === 'id' ? 'INTEGER' : type])).toEqual(described)
    })
  })

  it('takes 10,000 inferences at once, each once, from several runs', async () => {
    const first = await openIt(dir)
    const startMs = performance.now()
    for (let index = 0; index < 10_000; index++) first.append(testEntry({ requestId: `first-${index}` }))
    const appendMs = performance.now() - startMs
    await first.stop()
    const second = await openIt(dir)
    second.append(testEntry({ requestId: 'second' }))
    expect(
      (
        await second.sql(
          'SELECT count(*), count(DISTINCT id), count(DISTINCT request_id) FROM exo_inferences JOIN exo_inference_details USING (id)',
        )
      ).rows,
    ).toEqual([[10_001, 10_001, 10_001]])
    expect(second.status()).toMatchObject({ droppedRows: 0, notice: null })
    // A fraction of a second on an idle machine.
    expect(appendMs).toBeLessThan(20_000)
  })

  it('can be attached by any DuckDB with ducklake, also from another place', async () => {
    const history = await openIt(dir)
    for (let index = 0; index < 1_000; index++) history.append(testEntry())
    await history.stop()
    const count = 'SELECT count(*)::INTEGER, sum(prompt_tokens)::INTEGER FROM exo_inferences'
    await inDuckDb(async (run) => {
      await run(`ATTACH 'ducklake:${dir}/catalog.ducklake' AS lake (READ_ONLY)`)
      await run('USE lake')
      expect(await run(count)).toEqual([[1_000, 10_000]])
    })
    const moved = join(folder, "moved o'there")
    await rename(dir, moved)
    const again = await openIt(moved)
    expect((await again.sql(count)).rows).toEqual([[1_000, 10_000]])
    again.append(testEntry())
    await again.stop()
    await inDuckDb(async (run) => {
      await run(`ATTACH 'ducklake:${moved.replaceAll("'", "''")}/catalog.ducklake' AS lake`)
      await run('USE lake')
      expect(await run(count)).toEqual([[1_001, 10_010]])
    })
  })

  it('only reads for SQL, and only itself', async () => {
    const history = await openIt(dir, { queryRows: 10 })
    history.append(testEntry())
    await writeFile(join(folder, 'secret.csv'), 'a\n1\n')
    const codeOf = (statement: string): Promise<string> =>
      history.sql(statement).then(
        (table) => `answered ${JSON.stringify(table.rows)}`,
        (error: { code: string }) => error.code,
      )
    const refused = [
      'DELETE FROM exo_inferences',
      'INSERT INTO exo_inferences (id) VALUES (1)',
      'UPDATE exo_inferences SET trit = 1',
      'DROP TABLE exo_inferences',
      'CREATE TABLE t (a INT)',
      'CREATE TEMP TABLE t (a INT)',
      `ATTACH '${folder}/x.db'`,
      'DETACH lake',
      "SET memory_limit = '100GB'",
      'RESET memory_limit',
      'BEGIN',
      'VACUUM',
      "CALL ducklake_merge_adjacent_files('lake')",
      "FROM ducklake_expire_snapshots('lake', older_than => now())",
      "FROM ducklake_cleanup_old_files('lake', cleanup_all => true)",
      'SELECT 1; SELECT 2',
      'SELECT 1; DROP TABLE exo_inferences',
      'UPDATE __ducklake_metadata_lake.ducklake_metadata SET value = 1',
      'LOAD json',
      // C5: however a function is named.
      "FROM query('FROM duck' || 'lake_cleanup_old_files(''lake'', cleanup_all => true)')",
      "FROM query('SELECT 1')",
      "FROM query_table('exo_inferences')",
      "FROM system.main.query('SELECT 1')",
      'FROM "DuckLake_Cleanup_Old_Files"(\'lake\', cleanup_all => true)',
      "SELECT (SELECT count(*) FROM DUCKLAKE_EXPIRE_SNAPSHOTS('lake'))",
      "WITH a AS (FROM query('SELECT 1')) FROM a",
      "EXPLAIN ANALYZE FROM query('SELECT 1')",
      "/* a */ EXPLAIN -- b\n ANALYZE FROM ducklake_merge_adjacent_files('lake')",
      "EXPLAIN (FORMAT json) FROM query('SELECT 1')",
      "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
      "FROM ducklake_set_option('lake', 'a', 'b')",
      "SELECT * FROM exo_inferences, LATERAL (FROM query('SELECT 1'))",
      "SELECT write_log('x')",
      'FROM enable_logging()',
      'FROM force_checkpoint()',
      "FROM read_duckdb('catalog.ducklake')",
      "FROM ducklake_delete_orphaned_files('lake')",
      'EXPLAIN ANALYZE DELETE FROM exo_inferences',
    ]
    for (const statement of refused) expect([statement, await codeOf(statement)]).toEqual([statement, 'query-refused'])
    const failing = [
      '',
      'SELEC 1',
      'SELECT nothing FROM exo_inferences',
      `SELECT * FROM read_csv('${folder}/secret.csv')`,
      `SELECT * FROM '${folder}/secret.csv'`,
      `FROM read_text('${folder}/secret.csv')`,
      `FROM glob('${folder}/*')`,
      "SELECT getenv('HOME')",
      `FROM parquet_metadata('${folder}/x.parquet')`,
    ]
    for (const statement of failing) expect([statement, await codeOf(statement)]).toEqual([statement, 'query-failed'])
    for (const statement of [`COPY exo_inferences TO '${folder}/out.csv'`, `EXPORT DATABASE '${folder}/out'`])
      expect(await codeOf(statement)).toMatch(/^query-(refused|failed)$/)
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining(['out.csv', 'out', 'x.db']))
    expect((await history.sql('SELECT range FROM range(11)')).truncated).toBe(true)
    expect(
      await history.sql("SELECT 9007199254740993 AS big, 7 AS small, 1.5::DECIMAL(4,1) AS d, NULL AS n, TIMESTAMP '2026-01-02' AS t"),
    ).toMatchObject({ rows: [['9007199254740993', 7, expect.anything(), null, '2026-01-02 00:00:00']], truncated: false })
    for (const statement of [
      "FROM ducklake_table_info('lake')",
      "FROM ducklake_snapshots('lake')",
      'EXPLAIN SELECT count(*) FROM exo_inferences',
      'EXPLAIN ANALYZE SELECT 1',
      'SHOW TABLES',
      'SUMMARIZE exo_inferences',
      'FROM duckdb_tables()',
      "SELECT 'query' AS query, 'ducklake_cleanup_old_files' AS text",
      'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) FROM t',
      'VALUES (1), (2)',
    ])
      expect(await codeOf(statement), statement).toMatch(/^answered/)
    expect((await history.sql('DESCRIBE exo_inferences')).rows.map(([name]) => name)).toEqual(INFERENCE_COLUMNS.map(([name]) => name))
    expect(await codeOf('SELECT count(*) FROM exo_inferences')).toBe('answered [[1]]')
  })

  it('C2: returns no more of a result than the node can hold without a pause', async () => {
    const history = await openIt(dir, {})
    for (const statement of [
      "SELECT repeat('x', 10_000) FROM range(10_000)",
      `SELECT ${Array.from({ length: 2_000 }, (_, index) => index).join()} FROM range(10_000)`,
      'SELECT list(a.range) FROM range(50_000) a, range(30) b GROUP BY b.range',
    ]) {
      const table = await history.sql(statement)
      expect([statement.slice(0, 40), table.truncated, table.rows.length > 0]).toEqual([statement.slice(0, 40), true, true])
      expect(JSON.stringify(table).length).toBeLessThan(9 * 2 ** 20)
    }
    await expect(history.sql("SELECT repeat('x', 10_000_000)")).rejects.toMatchObject({ code: 'query-failed' })
    expect(await history.sql('SELECT 1')).toMatchObject({ rows: [[1]], truncated: false })
  })

  it('ends a question that takes too long, and answers the next', async () => {
    const history = await openIt(dir, { queryMs: 5_000 })
    const endless = 'SELECT max(a.range * b.range % 7) FROM range(10_000_000_000) a, range(1000) b'
    await expect(history.sql(endless)).rejects.toMatchObject({ code: 'history-timeout' })
    const reason = new Error('the client left')
    await expect(history.sql(endless, AbortSignal.any([AbortSignal.timeout(300)]))).rejects.toMatchObject({ name: 'TimeoutError' })
    const stop = new AbortController()
    stop.abort(reason)
    await expect(history.sql('SELECT 1', stop.signal)).rejects.toBe(reason)
    expect((await history.sql('SELECT 1')).rows).toEqual([[1]])
  })

  it.each([
    ['no database', async (file: string) => writeFile(file, 'this is no database'.repeat(1_000))],
    ['cut off', async (file: string) => truncate(file, 20_000)],
    [
      'overwritten in its middle',
      async (file: string) => {
        const handle = await open(file, 'r+')
        const { size } = await handle.stat()
        for (let at = 8_192; at < size; at += 1_024) await handle.write(Buffer.alloc(700, 0xa5), 0, 700, at)
        await handle.close()
      },
    ],
    ['empty', async (file: string) => writeFile(file, '')],
    [
      'that of something else',
      async (file: string) => {
        await rm(file)
        const instance = await DuckDBInstance.create(file)
        const connection = await instance.connect()
        await connection.run('CREATE TABLE ducklake_metadata (key VARCHAR)')
        connection.closeSync()
        instance.closeSync()
      },
    ],
  ])('sets a damaged catalog aside and goes on: %s', async (_what, damage) => {
    const before = await openIt(dir)
    before.append(testEntry({ requestId: 'before' }))
    await before.stop()
    await damage(join(dir, 'catalog.ducklake'))
    const after = await openIt(dir)
    after.append(testEntry({ requestId: 'after' }))
    const rows = await after.recent(HistoryQuery.parse({}))
    expect(rows.map((row) => row.request_id)).toEqual(['after'])
    const aside = (await readdir(dir)).filter((name) => name.startsWith('damaged-'))
    expect(aside).toHaveLength(1)
    expect(await readdir(join(dir, aside[0]!))).toContain('catalog.ducklake')
    expect(after.status()).toMatchObject({ state: 'on', notice: expect.stringContaining(aside[0]!) })
    expect(after.warnings.length).toBeGreaterThan(0)
  })

  it('C1: keeps its rows through a question that cannot be answered', async () => {
    const history = await openIt(dir)
    history.append(testEntry({ requestId: 'kept' }))
    const beyond = { model: null, sinceMs: 1e20, limit: 10 }
    for (let asked = 0; asked < 2; asked++) await expect(history.recent(beyond)).rejects.toMatchObject({ code: 'history-failed' })
    expect((await history.recent(HistoryQuery.parse({}))).map((row) => row.request_id)).toEqual(['kept'])
    expect((await readdir(dir)).filter((name) => name.startsWith('damaged'))).toEqual([])
  })

  it('C1: keeps its rows through names that no database takes as they are', async () => {
    const history = await openIt(dir)
    history.append(testEntry({ requestId: 'before' }))
    await history.recent(HistoryQuery.parse({}))
    const names = ['\ud800', 'a\udfffb', '\u0000', '\u007f\u0001', '\ufffe', '"\\', 'x'.repeat(100_000)]
    for (const [at, model] of names.entries())
      history.append(testEntry({ requestId: `odd-${at}`, model, modelId: null, errorCode: 'model-not-found' }))
    const rows = await history.recent(HistoryQuery.parse({}))
    expect(rows.map((row) => row.request_id).sort()).toEqual(['before', ...names.map((_, at) => `odd-${at}`)])
    expect([noticeOf(history), (await readdir(dir)).filter((name) => name.startsWith('damaged'))]).toEqual([null, []])
  })

  it('C1: keeps three damaged catalogs at most', async () => {
    for (let round = 0; round < 5; round++) {
      await mkdir(dir, { recursive: true })
      await writeFile(join(dir, 'catalog.ducklake'), 'this is no database'.repeat(1_000))
      const history = await openIt(dir)
      await history.recent(HistoryQuery.parse({}))
      await history.stop()
    }
    expect((await readdir(dir)).filter((name) => name.startsWith('damaged'))).toHaveLength(3)
  })

  it('loses only the torn end of a journal whose writer was cut off', async () => {
    await mkdir(join(dir, 'journal'), { recursive: true })
    const history = await openIt(dir, { flushMs: 10, ingestQuietMs: 600_000 })
    history.append(testEntry({ requestId: 'whole' }))
    await expect.poll(async () => (await readdir(join(dir, 'journal'))).length, { timeout: 10_000 }).toBe(1)
    const [name] = await readdir(join(dir, 'journal'))
    const line = await readFile(join(dir, 'journal', name!), 'utf8')
    await appendFile(join(dir, 'journal', name!), `${line}${line.slice(0, 100)}`)
    expect((await history.recent(HistoryQuery.parse({}))).map((row) => row.request_id)).toEqual(['whole'])
    expect(history.status()).toMatchObject({ notice: expect.stringContaining('1 lines') })
  })

  it('waits while another program holds the catalog, and loses nothing', async () => {
    const history = await openIt(dir, { flushMs: 10 })
    history.append(testEntry())
    await history.stop()
    const again = await openIt(dir, { flushMs: 10, ingestQuietMs: 0 })
    const holder = await DuckDBInstance.create(join(dir, 'catalog.ducklake'))
    again.append(testEntry())
    await expect(again.recent(HistoryQuery.parse({}))).rejects.toMatchObject({ code: 'history-locked' })
    expect(again.status()).toMatchObject({ notice: expect.stringContaining('Another program') })
    holder.closeSync()
    expect(await again.recent(HistoryQuery.parse({}))).toHaveLength(2)
    expect((await readdir(dir)).filter((name) => name.startsWith('damaged'))).toEqual([])
  })

  it('compacts once a day', async () => {
    for (let run = 0; run < 3; run++) {
      const history = await openIt(dir)
      for (let index = 0; index < 600; index++) history.append(testEntry())
      await history.stop()
    }
    const files = async (): Promise<string[]> =>
      (await readdir(join(dir, 'data', 'main', 'exo_inferences'))).filter((name) => name.endsWith('.parquet'))
    expect(await files()).toHaveLength(3)
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    await utimes(join(dir, 'maintained'), yesterday, yesterday)
    const history = await openIt(dir)
    history.append(testEntry())
    await history.stop()
    expect((await stat(join(dir, 'maintained'))).mtimeMs).toBeGreaterThan(yesterday.getTime())
    await inDuckDb(async (run) => {
      await run(`ATTACH 'ducklake:${dir}/catalog.ducklake' AS lake (READ_ONLY)`)
      expect(await run("SELECT file_count::INTEGER FROM ducklake_table_info('lake') WHERE table_name = 'exo_inferences'")).toEqual([[1]])
      expect(await run('SELECT count(*)::INTEGER FROM lake.exo_inferences')).toEqual([[1_801]])
    })
  })

  it('D1: rows that a full disk does not take wait, and none is lost or comes twice when there is room', async () => {
    const history = await openIt(dir, { flushMs: 10 })
    const [journal, away] = [join(dir, 'journal'), join(dir, 'journal-away')]
    await rename(journal, away)
    // Not even root can make a folder where a file is.
    await writeFile(journal, '')
    for (let index = 0; index < 5; index++) history.append(testEntry({ requestId: `request-${index}` }))
    await expect.poll(() => noticeOf(history)).toContain('stay in memory')
    await rm(journal)
    await rename(away, journal)
    history.append(testEntry({ requestId: 'later' }))
    await expect.poll(() => noticeOf(history), { timeout: 15_000 }).toBeNull()
    expect(
      (
        await history.sql(
          'SELECT count(*), count(DISTINCT id), count(DISTINCT request_id) FROM exo_inferences JOIN exo_inference_details USING (id)',
        )
      ).rows,
    ).toEqual([[6, 6, 6]])
    expect(history.status()).toMatchObject({ droppedRows: 0 })
  })

  it('drops and counts what its disk does not take, and goes on', async () => {
    const history = await openIt(dir, { flushMs: 10, queuedRows: 5 })
    for (let index = 0; index < 8; index++) history.append(testEntry())
    expect(history.status()).toMatchObject({ droppedRows: 3 })
    expect(await history.recent(HistoryQuery.parse({}))).toHaveLength(5)
    expect(history.warnings).toHaveLength(1)
  })

  it('is off, and says why, without the extension', async () => {
    const history = await openIt(dir, {}, { extensionFile: join(folder, 'missing.duckdb_extension') })
    history.append(testEntry())
    expect(history.status()).toEqual({ state: 'off', reason: expect.stringContaining('Run ./exo once') })
    await expect(history.sql('SELECT 1')).rejects.toMatchObject({ code: 'history-off' })
    expect(history.warnings).toHaveLength(1)
  })

  it('says so when the extension is not the one that was signed', async () => {
    const forged = join(folder, 'ducklake.duckdb_extension')
    const bytes = await readFile(extensionFile)
    bytes[100_000] = bytes[100_000]! ^ 1
    await writeFile(forged, bytes)
    const history = await openIt(dir, {}, { extensionFile: forged })
    await expect(history.sql('SELECT 1')).rejects.toMatchObject({ code: 'history-off', message: expect.stringContaining('signature') })
  })
})
