import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SettingsAnswer } from '../../shared/wire/api/node-settings.ts'
import { openSettings } from '../files/node-settings.ts'
import { createNodeForApi, type NodePortDependencies } from './node-for-api.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-node-port-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

it('keeps a token of the hub for this user only, does not show it, and removes it everywhere', async () => {
  const settings = await openSettings(dataDir)
  const dependencies = {
    settings,
    dataDir,
    modelCacheDir: '/models',
    maxMemoryBytes: null,
    membership: { member: () => ({ peerPort: () => 7000 }) },
    hardware: { facts: () => ({ interfaces: [] }) },
    api: () => ({ host: '127.0.0.1', port: 8080 }),
  } as unknown as NodePortDependencies
  const node = createNodeForApi(dependencies, new AbortController().signal)
  const answers = [await node.changeSettings({ hubToken: 'hf_abcdefgh' }), await node.changeSettings({ port: 9000 }), node.settings()]
  expect(answers.map((answer) => SettingsAnswer.parse(answer).hasHubToken)).toEqual([true, true, true])
  expect(JSON.stringify(answers)).not.toContain('abcdefgh')
  expect((await openSettings(dataDir)).current()).toMatchObject({ hubToken: 'hf_abcdefgh', machine: { port: 9000 } })
  for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).mode & 0o077).toBe(0)
  expect(await node.changeSettings({ hubToken: null })).toMatchObject({ hasHubToken: false, chosen: { port: 9000 } })
  expect(await readFile(join(dataDir, 'settings.json'), 'utf8')).not.toContain('abcdefgh')
})
