import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultNodeFlags, toNodeOptions } from './node-options.ts'

it('B2: a cluster key has 12 characters, and may come from a file', () => {
  const flags = { ...defaultNodeFlags(), clusterKey: undefined as never }
  expect(toNodeOptions(flags).clusterKey).toBeNull()
  expect(() => toNodeOptions({ ...flags, clusterKey: 'hunter2' })).toThrow(/12 characters/)
  expect(toNodeOptions({ ...flags, clusterKey: 'open sesame, please' }).clusterKey).toBe('open sesame, please')
  const folder = mkdtempSync(join(tmpdir(), 'exo-key-'))
  try {
    const clusterKeyFile = join(folder, 'key')
    writeFileSync(clusterKeyFile, 'correct horse battery\n')
    expect(toNodeOptions({ ...flags, clusterKeyFile }).clusterKey).toBe('correct horse battery')
    writeFileSync(clusterKeyFile, 'short\n')
    expect(() => toNodeOptions({ ...flags, clusterKeyFile })).toThrow(/--cluster-key-file: .*12 characters/)
    expect(() => toNodeOptions({ ...flags, clusterKeyFile: join(folder, 'absent') })).toThrow(/--cluster-key-file/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
