import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemRandom } from '../platform/random.ts'
import { isGeneratedKey } from '../shared/generated-key.ts'
import { openSettings } from './node-settings.ts'
import { ownClusterKey } from './own-cluster-key.ts'

it("A3: a machine's own cluster has a key that is made once, and lasts without a disk", async () => {
  const warned: string[] = []
  const log = { warn: (message: string) => void warned.push(message) }
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-own-key-'))
  try {
    const first = await ownClusterKey(await openSettings(dataDir), systemRandom, log)
    expect(isGeneratedKey(first)).toBe(true)
    expect(await ownClusterKey(await openSettings(dataDir), systemRandom, log)).toBe(first)
    const full = { ...(await openSettings(join(dataDir, 'other'))), change: () => Promise.reject(new Error('ENOSPC')) }
    const other = await ownClusterKey(full, systemRandom, log)
    expect([isGeneratedKey(other), other === first, warned.length]).toEqual([true, false, 1])
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
