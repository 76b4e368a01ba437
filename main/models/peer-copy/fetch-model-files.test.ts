import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { connectToServer, type Wire } from './__fixtures__/connect-to-server.ts'
import { fetchModelFiles } from './fetch-model-files.ts'
import { ModelFilePath } from '../../shared/wire/peer/model-file-request.ts'

const weights = randomBytes(700_000)
let folder: string
let source: string
let target: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peer-copy-'))
  source = join(folder, 'source')
  target = join(folder, 'store', 'model')
  await mkdir(join(source, 'private'), { recursive: true })
  await writeFile(join(source, 'config.json'), '{}')
  await writeFile(join(source, 'merges.txt'), '')
  await writeFile(join(source, 'model.safetensors'), weights)
  await writeFile(join(source, 'modeling_model.py'), 'print("never copied")')
  await writeFile(join(source, '.hidden.json'), '{}')
})
afterEach(() => rm(folder, { recursive: true }))

function fetchFrom(wire: Wire = {}): { done: Promise<void>; requests: ReturnType<typeof connectToServer>['requests']; progress: number[] } {
  const { openChannel, requests } = connectToServer(source, wire)
  const progress: number[] = []
  const done = fetchModelFiles({
    modelId: ModelId.parse('a/b'),
    targetDir: target,
    wants: () => true,
    openChannel,
    onProgress: (bytes) => progress.push(bytes),
    signal: new AbortController().signal,
  })
  return { done, requests, progress }
}

describe('fetchModelFiles', () => {
  it('copies what a model needs, byte for byte, and no code', async () => {
    const { done, progress } = fetchFrom()
    await done
    expect((await readdir(target, { recursive: true })).sort()).toEqual(['config.json', 'merges.txt', 'model.safetensors'])
    expect(weights.equals(await readFile(join(target, 'model.safetensors')))).toBe(true)
    expect(progress.at(-1)).toBe(2 + weights.length)
  })

  it('goes on where a cut ended, and shows no half model', async () => {
    const cut = fetchFrom({
      onChunk: (chunk, sentBytes) => {
        if (sentBytes > 500_000) throw new Error('cable pulled')
        return chunk
      },
    })
    await expect(cut.done).rejects.toThrow('cable pulled')
    await expect(readdir(target)).rejects.toThrow('ENOENT')
    const { done, requests } = fetchFrom()
    await done
    expect(requests.find((request) => request.type === 'file' && request.path === 'model.safetensors')).toMatchObject({
      start: 2 * 262_144,
    })
    expect(weights.equals(await readFile(join(target, 'model.safetensors')))).toBe(true)
  })

  it('finds a changed byte and fetches that file again', async () => {
    const damaged = fetchFrom({
      onChunk: (chunk) => {
        if (chunk.length < 200_000) return chunk
        const copy = chunk.slice()
        copy[1000] = (copy[1000] ?? 0) ^ 1
        return copy
      },
    })
    await expect(damaged.done).rejects.toMatchObject({ code: 'copy-damaged' })
    const { done } = fetchFrom()
    await done
    expect(weights.equals(await readFile(join(target, 'model.safetensors')))).toBe(true)
  })

  it('A7: serves only files that belong to a model, and follows no link out of its folder', async () => {
    await writeFile(join(folder, 'outside.json'), '{"secret":true}')
    await symlink('/etc/hostname', join(source, 'secret'))
    await symlink(join(folder, 'outside.json'), join(source, 'tokenizer.json'))
    await symlink('/etc/hostname', join(source, 'vocab.txt'))
    await symlink(folder, join(source, 'all'))
    for (const name of ['notes.txt', 'passwords.json', 'private/notes.txt', 'private/config.json'])
      await writeFile(join(source, name), 'mine')
    await symlink('config.json', join(source, 'generation_config.json'))
    await fetchFrom().done
    expect((await readdir(target, { recursive: true })).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'merges.txt',
      'model.safetensors',
    ])
  })

  it('follows the links of the hub’s cache, which lead to its blobs', async () => {
    const repo = join(folder, 'models--a--b')
    source = join(repo, 'snapshots', 'f'.repeat(40))
    await mkdir(source, { recursive: true })
    await mkdir(join(repo, 'blobs'))
    await writeFile(join(repo, 'blobs', 'one'), '{}')
    await writeFile(join(repo, 'outside'), '{}')
    await symlink('../../blobs/one', join(source, 'config.json'))
    await symlink('../../outside', join(source, 'tokenizer.json'))
    await fetchFrom().done
    expect(await readdir(target)).toEqual(['config.json'])
  })
})

describe('ModelFilePath', () => {
  it.each(['../x', '/etc/passwd', 'a/../../b', 'a//b', './a', 'a\\b', ''])('refuses %j', (path) =>
    expect(ModelFilePath.safeParse(path).success).toBe(false),
  )
  it.each(['config.json', 'a/b.safetensors'])('takes %j', (path) => expect(ModelFilePath.safeParse(path).success).toBe(true))
})
