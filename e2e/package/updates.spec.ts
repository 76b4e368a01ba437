import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../main/shared/version.ts'
import { isAlive } from '../electron/app-processes.ts'
import { packagedApp, type RunningApp, startApp } from '../electron/start-app.ts'
import { startUpdateFeed, type UpdateFeed } from './update-feed.ts'

const WAIT = { timeout: 90_000, interval: 100 }

/** Tests an AppImage, since Squirrel on macOS accepts only signed updates. The update is a script that starts the same package. */
describe('an AppImage with a feed', () => {
  let [folder, executable] = ['', '']
  let feed: UpdateFeed
  let app: RunningApp | undefined
  const appImage = (): string => join(folder, 'exo.AppImage')
  const startedFile = (): string => join(folder, 'started')
  const newVersion = (): string =>
    `#!/bin/sh\n[ -z "$APPIMAGE_EXIT_AFTER_INSTALL" ] || exit 0\necho $$ > '${startedFile()}'\nexec ` +
    `'${executable}' ${process.getuid?.() === 0 ? '--no-sandbox' : ''} --disable-gpu\n`
  const update = async (): Promise<any> => (await app?.state())?.update
  const start = async (environment: Readonly<Record<string, string>> = { APPIMAGE: appImage() }): Promise<RunningApp> => {
    writeFileSync(appImage(), 'the old version')
    rmSync(startedFile(), { force: true })
    app = await startApp({ executable, environment })
    return app
  }

  beforeAll(async () => {
    const package_ = dirname(packagedApp ?? '')
    // On the same file system as the package, so that hard links work.
    folder = mkdtempSync(join(dirname(package_), 'updating-'))
    execFileSync('cp', ['-al', package_, join(folder, 'app')])
    executable = join(folder, 'app', basename(packagedApp ?? ''))
    feed = await startUpdateFeed({ version, content: '' })
    writeFileSync(
      join(folder, 'app', 'resources', 'app-update.yml'),
      `provider: generic\nurl: ${feed.url}\nupdaterCacheDirName: exo-updater\n`,
    )
    writeFileSync(join(folder, 'app', 'resources', 'update-key.pem'), feed.publicKeyPem)
  })
  afterEach(async () => {
    await app?.clean()
    app = undefined
  })
  afterAll(async () => {
    await feed?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('E: installs nothing older, signed by others or damaged on its way, and gives way to a newer version that starts', async () => {
    const { popover, processId, log } = await start()
    await expect.poll(update, WAIT).toEqual({ kind: 'current' })
    await expect.poll(async () => (await app?.state())?.node.kind, WAIT).toBe('running')

    feed.offer({ version: '0.0.1', content: newVersion() })
    await popover.evaluate('exoShell.call("check-for-update")')
    await sleep(2000)
    expect(await update()).toEqual({ kind: 'current' })
    expect(readFileSync(appImage(), 'utf8')).toBe('the old version')

    feed.offer({ version: '9.9.9', content: newVersion(), isOfOthers: true })
    await popover.evaluate('exoShell.call("check-for-update")')
    await expect.poll(update, WAIT).toMatchObject({ kind: 'failed', message: expect.stringContaining('not signed') })
    expect(readFileSync(appImage(), 'utf8')).toBe('the old version')

    feed.offer({ version: '9.9.9', content: newVersion(), announcedContent: 'another' })
    await popover.evaluate('exoShell.call("check-for-update")')
    await expect.poll(update, WAIT).toMatchObject({ kind: 'failed', message: expect.stringContaining('sha512') })
    expect(readFileSync(appImage(), 'utf8')).toBe('the old version')

    feed.offer({ version: '9.9.9', content: newVersion() })
    await popover.evaluate('exoShell.call("check-for-update")')
    await expect.poll(update, WAIT).toEqual({ kind: 'ready', version: '9.9.9' })
    await popover.evaluate('exoShell.call("install-update")').catch(() => undefined) // the page may be gone before the answer comes
    await expect.poll(() => existsSync(startedFile()), WAIT).toBe(true)
    const newProcessId = Number(readFileSync(startedFile(), 'utf8'))
    try {
      await expect.poll(() => isAlive(processId), WAIT).toBe(false)
      expect(readFileSync(appImage(), 'utf8')).toBe(newVersion())
      // The second node uses the folders of the first.
      await expect.poll(async () => (await log()).match(/node started/g)?.length, WAIT).toBe(2)
    } finally {
      process.kill(newProcessId, 'SIGTERM')
      await expect.poll(() => isAlive(newProcessId), WAIT).toBe(false)
    }
  })

  it('gives way when its user quits it, and does not start', async () => {
    feed.offer({ version: '9.9.9', content: newVersion() })
    const { quit } = await start()
    await expect.poll(update, WAIT).toEqual({ kind: 'ready', version: '9.9.9' })
    await quit()
    expect(readFileSync(appImage(), 'utf8')).toBe(newVersion())
    expect(existsSync(startedFile())).toBe(false)
  })

  it('does not ask where it was only unpacked', async () => {
    await start({})
    expect(await update()).toMatchObject({ kind: 'off', reason: expect.stringContaining('only unpacked') })
  })
})
