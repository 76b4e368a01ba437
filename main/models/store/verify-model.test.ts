import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyModel } from './verify-model.ts'

it('finds changed, missing and cut files, and says how each was checked', async () => {
  const root = await mkdtemp(join(tmpdir(), 'exo-verify-'))
  const [blobs, model] = [join(root, 'blobs'), join(root, 'model')]
  await mkdir(blobs)
  await mkdir(model)
  const link = async (name: string, hash: string, content: string | null) => {
    if (content !== null) await writeFile(join(blobs, hash), content)
    await symlink(join(blobs, hash), join(model, name))
  }
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const git = (text: string) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex')
  await link('good.bin', sha256('good'), 'good')
  await link('small.json', git('{}'), '{}')
  await link('changed.bin', sha256('before'), 'after')
  await link('gone.bin', sha256('gone'), null)
  await writeFile(join(model, 'cut.safetensors'), 'x')
  await writeFile(join(model, 'notes.txt'), 'x')
  let last = [0, 0]
  const files = await verifyModel(model, (done, total) => void (last = [done, total]), new AbortController().signal)
  expect(Object.fromEntries(files.map(({ name, by, problem }) => [name, [by, problem !== null]]))).toEqual({
    'good.bin': ['hash', false],
    'small.json': ['hash', false],
    'changed.bin': ['hash', true],
    'gone.bin': ['structure', true],
    'cut.safetensors': ['structure', true],
    'notes.txt': ['structure', false],
  })
  expect(last[0]).toBe(last[1])
})
