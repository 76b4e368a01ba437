import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post } from '../node/call-api.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { startExo } from '../node/start-exo.ts'
import { appEnvironment, type RunningApp, startApp } from './start-app.ts'

describe("what the app does to its user's folders", () => {
  let app: RunningApp
  const call = (name: string, input?: unknown): Promise<any> =>
    app.popover.evaluate(`exoShell.call(${JSON.stringify(name)}, ${JSON.stringify(input)})`)
  const command = (): string => join(app.home, '.local', 'bin', 'exo')
  const autostart = (): string => join(app.home, 'config', 'autostart', 'exo-distributed.desktop')

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.clean()
  })

  it('puts no other program aside for its command', async () => {
    mkdirSync(dirname(command()), { recursive: true })
    writeFileSync(command(), '#!/bin/sh\necho mine\n', { mode: 0o755 })
    expect(await call('install-command')).toMatchObject({
      isOk: false,
      code: 'command-exists',
      message: expect.stringContaining(command()),
    })
    expect(readFileSync(command(), 'utf8')).toContain('mine')
    expect(await app.state()).toMatchObject({ commandPath: null })
  })

  it('reinstalls its command in the same place', async () => {
    writeFileSync(command(), '#!/bin/sh\n# Made by the exo app.\nexec /Volumes/exo/gone --cli -- "$@"\n')
    expect(await call('install-command')).toEqual({ isOk: true })
    expect(await app.state()).toMatchObject({ commandPath: command() })
    expect(statSync(command()).mode & 0o777).toBe(0o755)
  })

  /** As in a terminal without a display. Chromium's sandbox does not support root. */
  const environment = (): NodeJS.ProcessEnv => ({
    ...appEnvironment(app.home),
    DISPLAY: undefined,
    ...(process.getuid?.() === 0 ? { ELECTRON_DISABLE_SANDBOX: '1' } : {}),
  })

  it.each([
    [['--version'], 0],
    [['models', 'ls', '--help'], 0],
    [['models', 'rm', 'no/such-model'], 1],
    [['no-such-command'], 2],
    [['models', 'ls', '--no-such-option'], 2],
  ])("ends `exo %s` as the checkout's own command does", async (words, expectedStatus) => {
    const { status, stdout, stderr } = await runProgram(command(), words, { env: environment() })
    const ofCheckout = await runProgram(process.execPath, [join(projectDir, 'dist', 'exo.mjs'), ...words], { env: environment() })
    expect(status).toBe(expectedStatus)
    expect({ status, stdout, stderr }).toEqual({ status: ofCheckout.status, stdout: ofCheckout.stdout, stderr: ofCheckout.stderr })
  })

  it('runs a node by its command, without a screen', async () => {
    const node = await startExo({ launcher: command(), env: environment(), timeoutMs: 120_000 })
    try {
      const [model] = (await get(node.apiUrl, '/v1/models')).body.data
      const { body } = await post(node.apiUrl, '/v1/chat/completions', {
        model: model.id,
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        temperature: 0,
      })
      expect(body.choices[0].message.content).toContain('Paris')
    } finally {
      expect(await node.stop()).toBe(0)
    }
  })

  it('starts at login while that is wanted', async () => {
    expect(await call('change-settings', { launchAtLogin: true })).toEqual({ isOk: true })
    await promisify(execFile)('desktop-file-validate', [autostart()])
    expect(readFileSync(autostart(), 'utf8')).toContain(`Exec=${app.program.map((word) => `"${word}"`).join(' ')}\n`)
    expect((await app.state()).settings).toMatchObject({ launchAtLogin: true })
    expect(JSON.parse(readFileSync(join(app.home, 'config', 'exo', 'shell-settings.json'), 'utf8'))).toMatchObject({ launchAtLogin: true })
    await call('change-settings', { launchAtLogin: false })
    expect(existsSync(autostart())).toBe(false)
  })
})
