import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { installVersion } from './install-version.ts'

/** The folder of an installation with these versions, of which the last one is in use. */
async function installed(...versions: readonly string[]): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'exo-update-')), 'lib', 'exo-distributed')
  for (const version of versions) await mkdir(join(folder, `exo-${version}`), { recursive: true })
  await symlink(`exo-${versions.at(-1)}`, join(folder, 'current'))
  return folder
}

/** An archive whose program prints `printed`. */
async function archiveOf(version: string, printed = version): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-archive-'))
  await mkdir(join(folder, `exo-${version}`, 'bin'), { recursive: true })
  await writeFile(join(folder, `exo-${version}`, 'bin', 'exo'), `#!/bin/sh\necho ${printed}\n`, { mode: 0o755 })
  execFileSync('tar', ['-czf', join(folder, 'archive'), '-C', folder, `exo-${version}`])
  return readFile(join(folder, 'archive'))
}

function offer(...[version, archive, signed = archive]: Offer) {
  const body = (async function* () {
    for (let at = 0; at < archive.length; at += 100) yield archive.subarray(at, at + 100)
  })()
  return { version, body, sha512: createHash('sha512').update(signed).digest('base64') }
}

type Offer = readonly [version: string, archive: Buffer, signed?: Buffer]
const install = (folder: string, ...of: Offer): Promise<void> =>
  installVersion(folder, offer(...of), () => undefined, AbortSignal.timeout(30_000))

describe('installVersion', () => {
  it('makes the new version the current one, keeps the one before and removes older ones', async () => {
    const folder = await installed('1.0.0', '1.1.0')
    await install(folder, '1.2.0', await archiveOf('1.2.0'))
    expect((await readdir(folder)).sort()).toEqual(['current', 'exo-1.1.0', 'exo-1.2.0'])
    expect(execFileSync(join(folder, 'current', 'bin', 'exo'), { encoding: 'utf8' })).toBe('1.2.0\n')
  })

  it('leaves everything as it was if the download breaks off, and says what to do', async () => {
    const folder = await installed('1.1.0')
    const { sha512 } = offer('1.2.0', await archiveOf('1.2.0'))
    const body = (async function* () {
      yield Buffer.from('the start')
      throw new TypeError('terminated')
    })()
    await expect(
      installVersion(folder, { version: '1.2.0', body, sha512 }, () => undefined, AbortSignal.timeout(30_000)),
    ).rejects.toMatchObject({ code: 'update-damaged', message: expect.stringMatching(/broke off: terminated.*exo update again/) as string })
    expect((await readdir(folder)).sort()).toEqual(['current', 'exo-1.1.0'])
  })

  it.each([
    [
      'has other bytes than the signed ones',
      async (): Promise<Offer> => ['1.2.0', await archiveOf('1.2.0'), Buffer.from('other')],
      'checksum',
    ],
    ['is cut', async (): Promise<Offer> => ['1.2.0', (await archiveOf('1.2.0')).subarray(0, 60)], 'unpacked'],
    ['holds another version', async (): Promise<Offer> => ['1.2.0', await archiveOf('1.3.0')], 'unpacked'],
    ['does not start', async (): Promise<Offer> => ['1.2.0', await archiveOf('1.2.0', '$(exit 1); exit 1')], 'does not start'],
    ['says that it is another version', async (): Promise<Offer> => ['1.2.0', await archiveOf('1.2.0', '0.9.0')], '0.9.0'],
  ])('leaves everything as it was if the archive %s', async (_, make, why) => {
    const folder = await installed('1.1.0')
    await expect(install(folder, ...(await make()))).rejects.toMatchObject({
      code: 'update-damaged',
      message: expect.stringContaining(why) as string,
    })
    expect((await readdir(folder)).sort()).toEqual(['current', 'exo-1.1.0'])
    expect(await readlink(join(folder, 'current'))).toBe('exo-1.1.0')
  })
})
