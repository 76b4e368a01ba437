import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { hubRepo } from '../files/hub-cache.ts'
import { partsDir } from '../parts/list-parts.ts'
import { PartFolder } from '../files/part-folder.ts'
import { listPartialModels } from './partial-models.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-partial-'))
})
afterEach(() => rm(folder, { recursive: true }))

const commit = 'c'.repeat(40)

async function bringHalf(modelId: string, isOurs: boolean): Promise<void> {
  const repo = hubRepo(join(folder, 'cache'), modelId)
  await mkdir(repo.blobsDir, { recursive: true })
  if (isOurs) await writeFile(repo.ownMark, '')
  await writeFile(repo.partial('a'.repeat(64)), 'half')
}

it('parts and downloads that were not ended are told; whole ones and those of others are not among them', async () => {
  await bringHalf('org/ours', true)
  await bringHalf('org/theirs', false)
  await bringHalf('org/whole', true)
  const whole = hubRepo(join(folder, 'cache'), 'org/whole')
  await mkdir(whole.snapshot(commit), { recursive: true })
  for (const name of ['config.json', 'model.safetensors']) {
    await writeFile(whole.blob(name), 'x')
    await symlink(whole.blob(name), join(whole.snapshot(commit), name))
  }
  const part = await PartFolder.create(
    join(partsDir(join(folder, 'data')), 'p'),
    { modelId: ModelId.parse('org/part'), commit, files: [{ path: 'config.json', sizeBytes: 9, etag: 'b'.repeat(40) }] },
    { isFromHub: true },
  )
  await part.write(
    'config.json',
    { start: 2, end: 5 },
    (async function* () {
      yield Buffer.from('abc')
    })(),
    () => undefined,
  )

  expect(await listPartialModels(join(folder, 'data'), join(folder, 'cache'))).toEqual([
    { modelId: 'org/part', dir: part.dir, presentBytes: 3 },
    { modelId: 'org/ours', dir: hubRepo(join(folder, 'cache'), 'org/ours').repoDir, presentBytes: 4 },
  ])
})
