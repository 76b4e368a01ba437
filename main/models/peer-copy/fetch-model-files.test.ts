import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { connectToServer, type Wire } from './__fixtures__/connect-to-server.ts'
import { fetchModelFiles } from './fetch-model-files.ts'
import { ModelFilePath } from './model-file-messages.ts'

const weights = randomBytes(700_000)
let folder: string
let source: string
let target: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peer-copy-'))
  source = join(folder, 'source')
  target = join(folder, 'store', 'model')
  await mkdir(join(source, 'nested'), { recursive: true })
  await writeFile(join(source, 'config.json'), '{}')
  await writeFile(join(source, 'empty.txt'), '')
  await writeFile(join(source, 'nested', 'model.safetensors'), weights)
  await writeFile(join(source, 'modeling_model.py'), 'print("never copied")')
  await writeFile(join(source, '.hidden.json'), '{}')
})
afterEach(() => rm(folder, { recursive: true }))

function fetchFrom(wire: Wire = {}): { done: Promise<void>; requests: ReturnType<typeof connectToServer>['requests']; progress: number[] } {
  const { openChannel, requests } = connectToServer(source, wire)
  const progress: number[] = []
  const done = fetchModelFiles({ modelId: ModelId.parse('a/b'), targetDir: target, wants: () => true, openChannel, onProgress: (bytes) => progress.push(bytes), signal: new AbortController().signal })
  return { done, requests, progress }
}

describe('fetchModelFiles', () => {
  it('copies what a model needs, byte for byte, and no code', async () => {
    const { done, progress } = fetchFrom()
    await done
    expect((await readdir(target, { recursive: true })).sort()).toEqual(['config.json', 'empty.txt', 'nested', 'nested/model.safetensors'])
    expect(weights.equals(await readFile(join(target, 'nested/model.safetensors')))).toBe(true)
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
    expect(requests.find((request) => request.type === 'file' && request.path === 'nested/model.safetensors')).toMatchObject({ start: 2 * 262_144 })
    expect(weights.equals(await readFile(join(target, 'nested/model.safetensors')))).toBe(true)
  })

  it('finds a changed byte and fetches that file anew', async () => {
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
    expect(weights.equals(await readFile(join(target, 'nested/model.safetensors')))).toBe(true)
  })

  it('serves only files that belong to a model', async () => {
    await symlink('/etc/hostname', join(source, 'secret'))
    await fetchFrom().done
    expect(await readdir(target)).not.toContain('secret')
  })
})

describe('ModelFilePath', () => {
  it.each(['../x', '/etc/passwd', 'a/../../b', 'a//b', './a', 'a\\b', ''])('refuses %j', (path) => expect(ModelFilePath.safeParse(path).success).toBe(false))
  it.each(['config.json', 'a/b.safetensors'])('takes %j', (path) => expect(ModelFilePath.safeParse(path).success).toBe(true))
})
