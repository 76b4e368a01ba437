import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { verifyUpdate } from '../../../main/platform/files/update-signature.ts'
import { projectDir } from '../../project-paths.mjs'
import { publicPem, signUpdateFeed, updateKey } from './sign-update-feed.mjs'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

it.each(['latest-linux.yml', 'latest-linux-arm64.yml', 'latest-mac.yml'])(
  'E: signs %s of a release, twice as well, so that the app takes it',
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'exo-feed-'))
    const file = join(folder, name)
    writeFileSync(
      file,
      `version: 1.2.3\nfiles:\n  - url: exo.AppImage\n    sha512: ${'a'.repeat(86)}==\n    size: 7\npath: ` +
        "exo.AppImage\nreleaseDate: '2026-01-01T00:00:00.000Z'\n",
    )
    const key = updateKey({ EXO_UPDATE_KEY: pem })
    expect(signUpdateFeed(folder, key)).toEqual([name])
    expect(signUpdateFeed(folder, key)).toHaveLength(1)
    const offered = parse(readFileSync(file, 'utf8'))
    expect(readFileSync(file, 'utf8').match(/^signature: /gm)).toHaveLength(1)
    expect(() => verifyUpdate(offered, publicPem(key))).not.toThrow()
    expect(() => verifyUpdate({ ...offered, version: '1.2.4' }, publicPem(key))).toThrow('not signed')
    rmSync(folder, { recursive: true })
  },
)

it('E: each job of a release that sets the feed has the key', () => {
  const { jobs } = parse(readFileSync(join(projectDir, '.github/workflows/release.yml'), 'utf8'))
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])
  const withFeed = steps.filter((step) => step.env?.EXO_UPDATE_FEED)
  expect(withFeed).toHaveLength(3)
  for (const { env } of withFeed) expect(env.EXO_UPDATE_KEY).toBe('${{ secrets.UPDATE_KEY }}')
})

it('E: says that a feed needs a key', () => {
  expect(() => updateKey({})).toThrow('EXO_UPDATE_KEY')
  expect(() =>
    updateKey({
      EXO_UPDATE_KEY: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }),
  ).toThrow('Ed25519')
})
