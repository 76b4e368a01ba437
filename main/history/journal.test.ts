import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HistoryFolder, historyFolder, openJournalName, sealedJournalName } from './history-folder.ts'
import { Journal } from './journal.ts'

describe('Journal', () => {
  let dir: string
  let folder: HistoryFolder
  const open = (segment: string, isGone: (processId: number) => boolean = () => true): Journal =>
    new Journal(folder, 1, () => segment, isGone)
  const sealedText = (segment: string): Promise<string> => readFile(join(folder.journalDir, sealedJournalName(segment)), 'utf8')
  /** No file can be renamed to a folder's name. */
  const blockSeal = (segment: string): Promise<unknown> => mkdir(join(folder.journalDir, sealedJournalName(segment)), { recursive: true })

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'exo-journal-'))
    folder = historyFolder(dir)
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('D1: seals a file later that its disk did not let it seal', async () => {
    const journal = open('a')
    await journal.append(['1'])
    await blockSeal('a')
    await expect(journal.seal()).rejects.toMatchObject({ code: 'EISDIR' })
    await rmdir(join(folder.journalDir, sealedJournalName('a')))
    await journal.seal()
    expect([await sealedText('a'), await readdir(folder.journalDir)]).toEqual(['1\n', [sealedJournalName('a')]])
  })

  it('D1: seals what a killed process with the same id left, also at a second attempt', async () => {
    await blockSeal('old')
    await writeFile(join(folder.journalDir, openJournalName('old', 1)), '1\n')
    const journal = open('new')
    await expect(journal.seal()).rejects.toMatchObject({ code: 'EISDIR' })
    await journal.append(['2'])
    await rmdir(join(folder.journalDir, sealedJournalName('old')))
    await journal.seal()
    expect([await sealedText('old'), await sealedText('new')]).toEqual(['1\n', '2\n'])
  })

  it('leaves the file of a process that still writes', async () => {
    await mkdir(folder.journalDir, { recursive: true })
    await writeFile(join(folder.journalDir, openJournalName('theirs', 7)), 'x\n')
    await open('a', (processId) => processId !== 7).seal()
    expect(await readdir(folder.journalDir)).toEqual([openJournalName('theirs', 7)])
  })
})
