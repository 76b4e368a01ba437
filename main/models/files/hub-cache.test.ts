import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findSnapshot, hubRepo, writeRefOf } from './hub-cache.ts'

const [newest, proposed] = ['a'.repeat(40), 'b'.repeat(40)]
const MODEL = 'org/m'

describe('A4: which commit becomes main in the shared cache', () => {
  let cacheDir: string
  let repo: ReturnType<typeof hubRepo>
  const hubSays = async (): Promise<string> => newest
  const hubIsSilent = async (): Promise<null> => null
  const mainRef = (): Promise<string | null> => readFile(repo.ref('main'), 'utf8').catch(() => null)
  const found = (): Promise<string | null> => findSnapshot(cacheDir, MODEL)

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'exo-hub-cache-'))
    repo = hubRepo(cacheDir, MODEL)
    for (const commit of [newest, proposed]) {
      await mkdir(repo.snapshot(commit), { recursive: true })
      for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) await writeFile(join(repo.snapshot(commit), name), '{}')
    }
  })
  afterEach(() => rm(cacheDir, { recursive: true }))

  it('is the placed one if the hub says so', async () => {
    await writeRefOf(repo, newest, 'placed', hubSays)
    expect([await mainRef(), await found()]).toEqual([newest, repo.snapshot(newest)])
  })

  it.each([
    ['says otherwise', hubSays],
    ['is silent', hubIsSilent],
  ])('is not the placed one if the hub %s, and nobody finds it by the name alone', async (_what, mainAtHub) => {
    await rm(repo.snapshot(newest), { recursive: true })
    await writeRefOf(repo, proposed, 'placed', mainAtHub)
    expect([await mainRef(), await found()]).toEqual([null, null])
    expect(await findSnapshot(cacheDir, MODEL, proposed)).toBe(repo.snapshot(proposed))
  })

  it('stays what it is, and a newer placed one does not take its place', async () => {
    await writeRefOf(repo, newest, { revision: 'main' }, hubIsSilent)
    await writeRefOf(repo, proposed, 'placed', async () => proposed)
    expect([await mainRef(), await found()]).toEqual([newest, repo.snapshot(newest)])
  })

  it('may be a placed one once this user asks for it', async () => {
    await rm(repo.snapshot(newest), { recursive: true })
    await writeRefOf(repo, proposed, 'placed', hubIsSilent)
    await writeRefOf(repo, proposed, { revision: proposed }, hubIsSilent)
    expect([await mainRef(), await found()]).toEqual([null, repo.snapshot(proposed)])
  })
})
