import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { defaultNodeFlags, toDaemonOptions } from './node-options.ts'

it('B2: a cluster key has 12 characters, and may come from a file', () => {
  const flags = { ...defaultNodeFlags(), clusterKey: undefined as never }
  expect(toDaemonOptions(flags).clusterKey).toBeNull()
  expect(() => toDaemonOptions({ ...flags, clusterKey: 'hunter2' })).toThrow(/12 characters/)
  expect(toDaemonOptions({ ...flags, clusterKey: 'open sesame, please' }).clusterKey).toBe('open sesame, please')
  const folder = mkdtempSync(join(tmpdir(), 'exo-key-'))
  try {
    const clusterKeyFile = join(folder, 'key')
    writeFileSync(clusterKeyFile, 'correct horse battery\n')
    expect(toDaemonOptions({ ...flags, clusterKeyFile }).clusterKey).toBe('correct horse battery')
    writeFileSync(clusterKeyFile, 'short\n')
    expect(() => toDaemonOptions({ ...flags, clusterKeyFile })).toThrow(/--cluster-key-file: .*12 characters/)
    expect(() => toDaemonOptions({ ...flags, clusterKeyFile: join(folder, 'absent') })).toThrow(/--cluster-key-file/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
