import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSettings } from './node-settings.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-settings-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

describe('openSettings', () => {
  it('keeps what is chosen, for this user only', async () => {
    const settings = await openSettings(dataDir)
    expect(settings.current().cluster).toBeNull()
    await Promise.all([settings.change({ cluster: { name: 'lab', key: null } }), settings.change({ cluster: { name: 'desk', key: 'secret' } })])
    expect((await openSettings(dataDir)).current().cluster).toEqual({ name: 'desk', key: 'secret' })
    expect((await stat(join(dataDir, 'settings.json'))).mode & 0o777).toBe(0o600)
  })
  it('does not take damaged settings for none', async () => {
    await writeFile(join(dataDir, 'settings.json'), '{"cluster": 7}')
    await expect(openSettings(dataDir)).rejects.toMatchObject({ code: 'settings-damaged' })
  })
})
