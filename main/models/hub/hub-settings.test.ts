import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readHubSettings } from './hub-settings.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'exo-hub-home-'))
  await writeFile(join(home, 'token'), 'of-login\n')
})
afterEach(() => rm(home, { recursive: true }))

it.each([
  ['the environment', { HF_TOKEN: 'of-environment' }, 'chosen', 'of-environment'],
  ['the settings', {}, 'chosen', 'chosen'],
  ['hf auth login', {}, null, 'of-login'],
])('takes the token of %s', async (_place, environment, chosen, expected) =>
  expect((await readHubSettings({ HF_HOME: home, ...environment }, chosen)).token).toBe(expected),
)
