import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLinuxMemory, readMemory } from './memory.ts'

const GIB = 2 ** 30
const meminfo = `MemTotal:       ${16 * 2 ** 20} kB\nMemFree:        1024 kB\nMemAvailable:   ${12 * 2 ** 20} kB\n`

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'exo-memory-'))
})
afterEach(() => rm(root, { recursive: true }))

/** Creates files below `proc` and `cgroup` and reads the memory from them. */
async function memoryOf(files: Record<string, string>): Promise<unknown> {
  for (const [path, text] of Object.entries({ 'proc/meminfo': meminfo, ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return readLinuxMemory(join(root, 'proc'), join(root, 'cgroup'))
}

describe('readLinuxMemory', () => {
  it('is the machine where nothing limits it', async () => {
    expect(await memoryOf({})).toEqual({ totalBytes: 16 * GIB, availableBytes: 12 * GIB })
    expect(await memoryOf({ 'proc/self/cgroup': '0::/user\n', 'cgroup/user/memory.max': 'max\n' })).toEqual({
      totalBytes: 16 * GIB,
      availableBytes: 12 * GIB,
    })
  })

  it('heeds the tightest limit of all levels of a version 2 group, whose cache counts as free', async () => {
    const facts = await memoryOf({
      'proc/self/cgroup': '0::/service/exo\n',
      'cgroup/service/exo/memory.max': 'max\n',
      'cgroup/service/memory.max': `${4 * GIB}\n`,
      'cgroup/service/memory.current': `${3 * GIB}\n`,
      'cgroup/service/memory.stat': `anon 5\ninactive_file ${GIB}\n`,
    })
    expect(facts).toEqual({ totalBytes: 4 * GIB, availableBytes: 2 * GIB })
  })

  it('heeds a version 1 group, also where the path is that of the host', async () => {
    const facts = await memoryOf({
      'proc/self/cgroup': '5:cpu:/\n4:memory:/docker/abc\n',
      'cgroup/memory/memory.limit_in_bytes': `${2 * GIB}\n`,
      'cgroup/memory/memory.usage_in_bytes': `${GIB}\n`,
      'cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 1024\n',
    })
    expect(facts).toEqual({ totalBytes: 2 * GIB, availableBytes: GIB + 1024 })
  })
})

it('readMemory tells something sensible of this machine', async () => {
  const { totalBytes, availableBytes } = await readMemory()
  expect(totalBytes).toBeGreaterThan(2 ** 28)
  expect(availableBytes).toBeGreaterThan(0)
  expect(availableBytes).toBeLessThanOrEqual(totalBytes)
})
