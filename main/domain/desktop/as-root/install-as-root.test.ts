import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installAsRoot } from './install-as-root.ts'

const SIGNED = 'the signed package'
const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex')
const copies = (): string[] => readdirSync('/var/tmp').filter((name) => name.startsWith('exo-update.'))

// GNU's dd, as on each Linux with packages of Debian.
describe.runIf(process.platform === 'linux')("E: an update's package that is exchanged after it was verified", () => {
  let [folder, path, installed] = ['', '', '']
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `exo-it's $(id)-`))
    path = join(folder, 'exo.deb')
    installed = join(folder, 'installed')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** The installer first does what a hostile program would do meanwhile. */
  const install = (meanwhile = 'true') => {
    const installer = ['/bin/sh', '-c', `${meanwhile}; stat -c %a "$(dirname "$3")" > "$1.mode"; cp "$3" "$1"`, 'exo', installed, path]
    const [program = '', ...words] = installAsRoot(path, [sha512('another package'), sha512(SIGNED)], installer)
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', timeout: 20_000 })
    return { status, stderr }
  }

  it('is the verified copy, in a folder of root', () => {
    writeFileSync(path, SIGNED)
    expect(install('printf bad > "$2"')).toMatchObject({ status: 0 })
    expect([readFileSync(installed, 'utf8'), readFileSync(`${installed}.mode`, 'utf8').trim(), readFileSync(path, 'utf8')]).toEqual([
      SIGNED,
      '700',
      'bad',
    ])
    expect(copies()).toEqual([])
  })

  it.each([
    ['another file', () => writeFileSync(path, 'bad')],
    ['nothing', () => writeFileSync(path, '')],
    ['a pipe', () => execFileSync('mkfifo', [path])],
    ['a link to the signed file', () => (writeFileSync(`${path}.other`, SIGNED), symlinkSync(`${path}.other`, path))],
    ['a link to a device without end', () => symlinkSync('/dev/zero', path)],
    ['no file', () => undefined],
  ])('is not installed: %s', (_what, exchange) => {
    exchange()
    expect(install().status).toBeGreaterThan(0)
    expect(() => statSync(installed)).toThrow('ENOENT')
    expect(copies()).toEqual([])
  })
})
