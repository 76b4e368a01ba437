import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PART_MARK, PartFolder } from './part-folder.ts'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'exo-parts-'))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const manifest = {
  modelId: 'org/model',
  commit: 'a'.repeat(40),
  files: [{ path: 'model.safetensors', sizeBytes: 8, etag: 'b'.repeat(64) }],
} as never
async function* bytes(length: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(length)
}

it('D2: a torn mark is the one before, so that what had come by then is not fetched again', async () => {
  const dir = join(parent, 'one')
  const folder = await PartFolder.create(dir, manifest, { isFromHub: true })
  await folder.write('model.safetensors', { start: 0, end: 4 }, bytes(4), () => undefined)
  await folder.write('model.safetensors', { start: 4, end: 6 }, bytes(2), () => undefined)
  await truncate(join(dir, PART_MARK), 10)
  expect((await PartFolder.find(dir))?.present('model.safetensors')).toEqual([{ start: 0, end: 4 }])
  await truncate(join(dir, PART_MARK), 0)
  await truncate(join(dir, `${PART_MARK}.previous`), 0)
  expect(await PartFolder.find(dir)).toBeNull()
})
it('makes no folder again that was deleted', async () => {
  const dir = join(parent, 'one')
  const folder = await PartFolder.create(dir, manifest, { isFromHub: true })
  await rm(dir, { recursive: true })
  await expect(folder.save()).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await PartFolder.find(dir)).toBeNull()
})
