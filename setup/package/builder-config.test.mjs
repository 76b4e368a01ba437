import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { projectDir } from '../project-paths.mjs'
import { APP_ID, builderConfig, infoPlistAdditions, MINIMUM_MACOS } from './builder-config.mjs'

const { getConfig, validateConfiguration } = createRequire(import.meta.url)('app-builder-lib/out/util/config/config')
/** The packager notes in it what it would print with DEBUG set. */
const notes = { isEnabled: false, add: () => undefined }

// The packager takes seconds to load.
it('reads electron-builder.yml, as electron-builder itself does', { timeout: 120_000 }, async () => {
  const found = await getConfig(projectDir, null, null)
  await validateConfiguration(found, notes)
  expect(found).toMatchObject({
    appId: APP_ID,
    productName: 'exo',
    mac: { minimumSystemVersion: MINIMUM_MACOS, extendInfo: infoPlistAdditions },
  })
})

it.each(/** @type {const} */ (['linux-x64', 'darwin-arm64']))(
  'makes a configuration for %s that the packager accepts',
  { timeout: 120_000 },
  async (target) => {
    const release = { updateFeed: null, isForRelease: false, isSigned: false, isNotarized: false, notices: [] }
    const staged = { app: '/app', modules: '/modules', resources: '/resources' }
    const config = builderConfig({ target, staged, electronDir: null, isTestable: true, release })
    await validateConfiguration(config, notes)
    expect(config).toMatchObject({
      appId: APP_ID,
      asar: true,
      electronFuses: { runAsNode: false, onlyLoadAppFromAsar: true, enableNodeCliInspectArguments: true },
      mac: { hardenedRuntime: true, minimumSystemVersion: '14.0' },
      linux: { executableName: 'exo-app' },
    })
  },
)
