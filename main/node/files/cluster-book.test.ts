import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { NodeId } from '../../shared/ids.ts'
import { type ClusterBook, openClusterBook } from './cluster-book.ts'

const friend = { nodeId: NodeId.parse('a'.repeat(32)), name: 'studio-2', cause: 'admitted', admittedAtMs: 1 } as const

describe('the book of clusters', () => {
  let dataDir: string
  const warn = vi.fn()
  const open = (): Promise<ClusterBook> =>
    openClusterBook({ dataDir, ownName: 'alone', ownKey: null, random: systemRandom, clock: systemClock, log: { warn } })
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'exo-book-'))
    warn.mockClear()
  })
  // A file may still be on its way when a test has seen enough.
  afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))

  it('keeps secret and members across starts, for its owner alone', async () => {
    const book = await open()
    const store = book.open('home')
    await store.change({ ...store.current(), members: [friend] })
    await book.settled()
    expect((await stat(join(dataDir, 'clusters.json'))).mode & 0o777).toBe(0o600)
    expect((await open()).open('home').current()).toEqual({ ...store.current(), isSettled: true })
  })

  it('leaves no copy of a secret that somebody who was put out knows', async () => {
    const book = await open()
    const store = book.open('home')
    const before = store.current().secret
    await store.change({ ...store.current(), secret: 'f'.repeat(64) })
    await book.settled()
    const texts = await Promise.all((await readdir(dataDir)).map((name) => readFile(join(dataDir, name), 'utf8')))
    expect(texts.some((text) => text.includes(before))).toBe(false)
  })

  it('sets a damaged file aside and goes on with a new secret', async () => {
    await writeFile(join(dataDir, 'clusters.json'), '{"clusters": [')
    expect((await open()).open('home').current().members).toEqual([])
    expect(warn).toHaveBeenCalledOnce()
    expect(await readdir(dataDir)).toContain('clusters.json.damaged')
  })

  it('gives the cluster that began first the smaller lineage', async () => {
    const one = (await open()).open('home').current().lineage
    await systemClock.sleep(2)
    expect(one < (await open()).open('other').current().lineage).toBe(true)
  })
})
