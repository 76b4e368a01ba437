import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testEntry } from '../__fixtures__/open-test-history.ts'
import { historyFolder, sealedJournalName } from '../history-folder.ts'
import { toHistoryRecord } from '../history-record.ts'
import { ingestJournal } from './ingest-journal.ts'
import type { Lake } from './open-lake.ts'

/** A database that fails on rows of these requests. */
function databaseThatFailsOver(requestIds: readonly string[], failure: string) {
  const staged: string[] = []
  const connection = {
    run: async (_sql: string, values?: readonly string[]) => {
      if (!values) return
      const rows = JSON.parse(values[0]!) as { request_id: string }[]
      if (rows.some((row) => requestIds.includes(row.request_id))) throw new Error(failure)
      staged.push(...rows.map((row) => row.request_id))
    },
    runAndReadAll: async () => ({ getRowsJson: () => [[staged.length]] }),
  }
  return { lake: { connection, close: () => undefined } as unknown as Lake, staged }
}

describe('C1: a journal with rows that the database does not take', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'exo-ingest-'))
    const { journalDir } = historyFolder(dir)
    await mkdir(journalDir, { recursive: true })
    const lines = Array.from({ length: 9 }, (_, at) =>
      JSON.stringify(
        toHistoryRecord(testEntry({ requestId: `r${at}` }), { id: BigInt(at + 1), nodeId: 'node-a', endedAtEpochMs: 1_700_000_000_000 }),
      ),
    )
    await writeFile(join(journalDir, sealedJournalName('1')), `${lines.join('\n')}\n`)
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it.each([[['r0']], [['r4']], [['r3', 'r8']], [['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8']]])(
    'loses %j alone, counts them, and is done with the journal',
    async (bad) => {
      const { lake, staged } = databaseThatFailsOver(bad, 'Invalid Input Error: Malformed JSON')
      expect(await ingestJournal(lake, historyFolder(dir))).toEqual({ ingestedRows: 9 - bad.length, unreadableLines: bad.length })
      expect(staged).toEqual(Array.from({ length: 9 }, (_, at) => `r${at}`).filter((id) => !bad.includes(id)))
      expect(await readdir(historyFolder(dir).journalDir)).toEqual([])
    },
  )

  it('keeps the whole journal where memory is short for a moment', async () => {
    const { lake } = databaseThatFailsOver(['r4'], 'Out of Memory Error: failed to allocate')
    await expect(ingestJournal(lake, historyFolder(dir))).rejects.toThrow('Out of Memory')
    expect(await readdir(historyFolder(dir).journalDir)).toHaveLength(1)
  })
})
