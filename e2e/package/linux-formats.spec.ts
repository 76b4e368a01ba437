import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../main/shared/version.ts'
import { askInChat, settle } from '../dashboard/open-dashboard.ts'
import { descendantsOf, isAlive } from '../electron/app-processes.ts'
import { packagedApp, startApp } from '../electron/start-app.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'

const WAIT = { timeout: 90_000, interval: 100 }
const MAKING_MS = 600_000
/** The folder of the unpacked app, from which the other formats are built. */
const output = dirname(dirname(packagedApp ?? ''))

const isInPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
/** Not every machine has the tools that build an AppImage. */
const canMakeAppImage = ['mksquashfs', 'desktop-file-validate', 'cargo'].every(isInPath)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(output, 'formats-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function make(format: 'deb' | 'AppImage'): Promise<string> {
  const script = join(projectDir, 'setup', 'package', 'package-app.mjs')
  const { status, stderr } = await runProgram(process.execPath, [script, 'linux-x64', '--testable', '--prepackaged', format])
  expect(status, stderr).toBe(0)
  const name = readdirSync(output).find((entry) => entry.endsWith(`.${format}`))
  return join(output, name ?? `no .${format}`)
}

/** Checks that the package can chat offline and leaves no process behind. */
async function expectFirstChat(executable: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const app = await startApp({ executable, environment })
  try {
    await expect
      .poll(async () => Object.values((await app.state()).view?.instances ?? {}).map((instance: any) => instance.status), WAIT)
      .toEqual(['ready'])
    await app.popover.evaluate('exoShell.call("open-window", "chat")')
    const page = await app.page('chat')
    await settle(page)
    expect(await askInChat(page, 'What is the capital of France?')).toContain('Paris')
    const processes = descendantsOf(app.processId)
    expect(processes.length).toBeGreaterThan(3)
    await app.quit()
    for (const { processId } of processes) await expect.poll(() => isAlive(processId), { timeout: 30_000 }).toBe(false)
  } finally {
    await app.clean()
  }
}

describe('a .deb', () => {
  let deb = ''
  const root = (): string => join(folder, 'root')
  beforeAll(async () => {
    deb = await make('deb')
    execFileSync('dpkg-deb', ['-x', deb, root()])
  }, MAKING_MS)

  it('says what it is and what it needs', () => {
    const field = (name: string): string => execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim()
    expect([field('Package'), field('Version'), field('Architecture')]).toEqual(['exo-distributed', version, 'amd64'])
    expect(field('Depends')).toContain('libgtk-3-0')
    execFileSync('desktop-file-validate', [join(root(), 'usr', 'share', 'applications', 'exo-app.desktop')])
    expect(existsSync(join(root(), 'usr', 'share', 'icons', 'hicolor', '512x512', 'apps', 'exo-app.png'))).toBe(true)
  })

  it('holds the licenses of what others have written', () => {
    const notices = readFileSync(join(root(), 'opt', 'exo', 'resources', 'THIRD_PARTY_NOTICES.txt'), 'utf8')
    for (const part of ['MLX', 'xgrammar', 'picojson', '@duckdb/node-api', 'fastify', 'react', 'SmolLM2'])
      expect(notices).toContain(`\n${part}`)
  })

  it('holds an app that chats', () => expectFirstChat(join(root(), 'opt', 'exo', 'exo-app')))
})

describe.skipIf(!canMakeAppImage)('an AppImage', () => {
  let image = ''
  beforeAll(async () => {
    image = await make('AppImage')
    chmodSync(image, 0o755)
  }, MAKING_MS)

  // Extracted to a folder, since not every machine has FUSE.
  it('holds an app that chats', () => expectFirstChat(image, { APPIMAGE_EXTRACT_AND_RUN: '1', TMPDIR: folder }))
})
