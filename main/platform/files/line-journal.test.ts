import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LineJournal } from './line-journal.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'journal-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

it('keeps lines in their order, for their owner alone, and gives them to the next process', async () => {
  const path = join(folder, 'responses.jsonl')
  const fail = (error: unknown): never => {
    throw error
  }
  const journal = await LineJournal.open(path, fail)
  expect(journal.takeLines()).toEqual([])
  journal.append(['a'])
  journal.append(['b', 'c'])
  await journal.settled()
  expect(await readFile(path, 'utf8')).toBe('a\nb\nc\n')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  journal.append(['d'])
  journal.rewrite(['x'])
  journal.append(['y'])
  await journal.settled()
  const next = await LineJournal.open(path, fail)
  expect([next.takeLines(), next.takeLines()]).toEqual([['x', 'y'], []])
})

it('says that it is behind where the disk takes no line, and is not after a rewrite that succeeds', async () => {
  const path = join(folder, 'taken')
  await mkdir(path)
  const troubles: unknown[] = []
  const journal = await LineJournal.open(path, (error) => troubles.push(error))
  journal.append(['a'])
  await journal.settled()
  expect([journal.isBehind, troubles.length]).toEqual([true, 2])
  await rm(path, { recursive: true })
  journal.rewrite(['a', 'b'])
  await journal.settled()
  expect([journal.isBehind, await readFile(path, 'utf8')]).toEqual([false, 'a\nb\n'])
})
