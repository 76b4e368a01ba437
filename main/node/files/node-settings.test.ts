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
    await Promise.all([
      settings.change({ cluster: { name: 'lab', key: null } }),
      settings.change({ cluster: { name: 'desk', key: 'secret' } }),
    ])
    expect((await openSettings(dataDir)).current().cluster).toEqual({ name: 'desk', key: 'secret' })
    expect((await stat(join(dataDir, 'settings.json'))).mode & 0o777).toBe(0o600)
  })
  it.each(['', '{"cluster": {"na', '\0\0\0'])(
    'D2: settings of which a loss of power left %j are those of before, with a notice',
    async (left) => {
      const settings = await openSettings(dataDir)
      await settings.change({ cluster: { name: 'lab', key: null } })
      await settings.change({ cluster: { name: 'desk', key: null } })
      await writeFile(join(dataDir, 'settings.json'), left)
      const notices: string[] = []
      const again = await openSettings(dataDir, { onWritten: () => undefined, onFallback: ({ path }) => void notices.push(path) })
      expect(again.current().cluster).toEqual({ name: 'lab', key: null })
      expect(notices).toEqual([join(dataDir, 'settings.json')])
    },
  )
  it('D1: settings that could not be kept are not in use either, and the next change does not bring them', async () => {
    const settings = await openSettings(join(dataDir, 'gone'))
    await writeFile(join(dataDir, 'gone'), 'no folder')
    await expect(settings.change({ cluster: { name: 'lost', key: null } })).rejects.toMatchObject({ code: 'EEXIST' })
    expect(settings.current().cluster).toBeNull()
    await rm(join(dataDir, 'gone'))
    await settings.change({ ownClusterKey: '0'.repeat(64) })
    expect((await openSettings(join(dataDir, 'gone'))).current()).toMatchObject({ cluster: null, ownClusterKey: '0'.repeat(64) })
  })
  it('does not take damaged settings for none', async () => {
    await writeFile(join(dataDir, 'settings.json'), '{"cluster": 7}')
    await expect(openSettings(dataDir)).rejects.toMatchObject({ code: 'settings-damaged' })
  })
})
