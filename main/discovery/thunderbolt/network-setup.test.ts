import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { macLayouts } from '../../domain/mac/__fixtures__/mac-layouts.ts'
import { RecordedHardware } from '../../domain/mac/recorded-hardware.ts'
import { type CommandResult, createRunCommand } from '../../platform/processes/run-command.ts'
import { createNetworkSetup, type NetworkSetup } from './network-setup.ts'
import { fileMemory } from './network-setup-of.ts'
import { createRunAsAdministrator } from './run-as-administrator.ts'

const signal = new AbortController().signal
const bridged = RecordedHardware.parse(macLayouts['four Macs, full mesh, bridge on one'][3])
const settled = RecordedHardware.parse(macLayouts['four Macs, full mesh'][3])

let folder: string
let ran: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-thunderbolt-'))
  ran = join(folder, 'ran')
  for (const command of ['networksetup', 'ifconfig']) await install(command, `echo ${command} "$*" >> ${ran}`)
})
afterEach(() => rm(folder, { recursive: true }))

async function install(command: string, body: string): Promise<void> {
  await writeFile(join(folder, command), `#!/bin/sh\n${body}\n`)
  await chmod(join(folder, command), 0o755)
}
const commandsRun = async (): Promise<string[]> => (await readFile(ran, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')

/** Runs the script in a real shell, with replacements for macOS's commands. */
function setupOf(recorded: RecordedHardware): NetworkSetup & { scripts: string[] } {
  const scripts: string[] = []
  const run = createRunCommand()
  const setup = createNetworkSetup({
    record: async () => recorded,
    memory: fileMemory(join(folder, 'data', 'thunderbolt-setup.json')),
    runAsAdministrator: createRunAsAdministrator(async (_, programArguments, timeoutMs, until) => {
      const script = programArguments.at(-2) ?? ''
      scripts.push(script)
      return run('env', [`PATH=${folder}:/usr/bin:/bin`, 'sh', '-c', script], timeoutMs, until)
    }, false),
  })
  return { ...setup, scripts }
}

describe('createNetworkSetup', () => {
  it('applies with one prompt, and undoes in reverse order', async () => {
    const setup = setupOf(bridged)
    const { steps } = await setup.apply(signal)
    expect(setup.scripts).toHaveLength(1)
    expect(await commandsRun()).toEqual(steps.map(({ command }) => command.join(' ')))
    await rm(ran)
    await setup.undo(signal)
    expect(await commandsRun()).toEqual([
      ...[4, 3, 2].map((receptacle) => `networksetup -removenetworkservice exo Thunderbolt ${receptacle}`),
      'ifconfig bridge0 up',
      ...['en7', 'en6', 'en5', 'en4', 'en3', 'en2'].map((member) => `ifconfig bridge0 addm ${member}`),
      'networksetup -setnetworkserviceenabled Thunderbolt Bridge on',
    ])
    await expect(setup.undo(signal)).rejects.toMatchObject({ code: 'nothing-to-undo' })
  })
  it('asks for nothing where nothing is to be done', async () => {
    const setup = setupOf(settled)
    expect(await setup.apply(signal)).toEqual({ steps: [], notes: [] })
    expect(setup.scripts).toEqual([])
    await expect(setup.undo(signal)).rejects.toMatchObject({ code: 'nothing-to-undo' })
  })
  it('leaves nothing behind when a command fails half way', async () => {
    await install(
      'networksetup',
      `echo networksetup "$*" >> ${ran}; case "$*" in *createnetworkservice*3*) echo "no such port" >&2; exit 4;; esac`,
    )
    const setup = setupOf(bridged)
    await expect(setup.apply(signal)).rejects.toMatchObject({
      code: 'network-setup-failed',
      message: expect.stringContaining('no such port'),
    })
    expect((await commandsRun()).at(-1)).toBe('networksetup -setnetworkserviceenabled Thunderbolt Bridge on')
    await expect(setup.undo(signal)).rejects.toMatchObject({ code: 'nothing-to-undo' })
  })
  it('remembers the first state over several applies', async () => {
    await setupOf(bridged).apply(signal)
    const bare = { ...settled, ifconfig: settled.ifconfig?.replace(/\tinet 169\.254\.42\.1 [^\n]*\n/, '') }
    await setupOf(bare).apply(signal)
    await rm(ran)
    await setupOf(bare).undo(signal)
    const undone = await commandsRun()
    expect(undone[0]).toBe('networksetup -removenetworkservice exo Thunderbolt 2')
    expect(undone.at(-1)).toBe('networksetup -setnetworkserviceenabled Thunderbolt Bridge on')
  })
  it.each([
    ['a command of its own', { version: 1, undo: [['sh', '-c', 'echo owned']] }],
    [
      'one among good ones',
      {
        version: 1,
        undo: [
          ['ifconfig', 'bridge0', 'up'],
          ['networksetup', '-setwebproxy', 'Wi-Fi', 'evil.example', '80'],
        ],
      },
    ],
    ['a value that is not a name', { version: 2, undo: [{ change: 'bridge-down', bridge: 'bridge0; echo owned' }] }],
    ['a command in the new form', { version: 2, undo: [['ifconfig', 'bridge0', 'up']] }],
  ])('E: runs nothing of a stored file that names %s', async (_, memory) => {
    await fileMemory(join(folder, 'data', 'thunderbolt-setup.json')).write(JSON.stringify(memory))
    const setup = setupOf(bridged)
    await expect(setup.undo(signal)).rejects.toMatchObject({ code: 'setup-memory-damaged' })
    expect(setup.scripts).toEqual([])
  })
  it('E: undoes what an older version stored as commands', async () => {
    await fileMemory(join(folder, 'data', 'thunderbolt-setup.json')).write(
      JSON.stringify({
        version: 1,
        undo: [
          ['ifconfig', 'bridge0', 'addm', 'en2'],
          ['networksetup', '-setnetworkserviceenabled', 'Thunderbolt Bridge', 'on'],
        ],
      }),
    )
    await setupOf(bridged).undo(signal)
    expect(await commandsRun()).toEqual(['ifconfig bridge0 addm en2', 'networksetup -setnetworkserviceenabled Thunderbolt Bridge on'])
  })
  it('says what to do by hand when the memory is damaged', async () => {
    await fileMemory(join(folder, 'data', 'thunderbolt-setup.json')).write('{"version": 2}')
    await expect(setupOf(bridged).undo(signal)).rejects.toMatchObject({
      code: 'setup-memory-damaged',
      message: expect.stringContaining('System Settings'),
    })
  })
})

describe('createRunAsAdministrator', () => {
  const failing = (result: CommandResult, isRemote = false) => {
    const programs: string[] = []
    const run = createRunAsAdministrator(async (program) => {
      programs.push(program)
      return result
    }, isRemote)
    return { programs, ends: run('true', 'why', signal) }
  }
  const exited = (exitCode: number, stderr: string): CommandResult => ({ kind: 'exited', exitCode, stdout: '', stderr })

  it('uses the password window, or sudo in a remote session', async () => {
    const [local, remote] = [failing(exited(0, '')), failing(exited(0, ''), true)]
    await Promise.all([local.ends, remote.ends])
    expect([local.programs, remote.programs]).toEqual([['/usr/bin/osascript'], ['/usr/bin/sudo']])
  })
  it('E: runs no program of the user in place of one of the system', async () => {
    for (const program of ['true', 'sh', 'env', 'sudo', 'osascript']) await install(program, `echo ${program} >> ${ran}`)
    const run = createRunCommand()
    const environment = [`PATH=${folder}:/usr/bin:/bin`, `ENV=${folder}/true`, `BASH_ENV=${folder}/true`]
    // In place of sudo on macOS, which leaves PATH as it is.
    const asSudo = createRunAsAdministrator(
      async (_, programArguments, timeoutMs, until) =>
        run('/usr/bin/env', [...environment, ...programArguments.slice(2)], timeoutMs, until),
      true,
    )
    await asSudo(`true; ifconfig; [ "$PATH" = /usr/bin:/bin:/usr/sbin:/sbin ]`, 'why', signal)
    expect(await commandsRun()).toEqual([])
  })
  it.each<[CommandResult, string]>([
    [exited(1, '0:84: execution error: User canceled. (-128)'), 'administrator-refused'],
    [exited(1, 'sudo: 3 incorrect password attempts'), 'administrator-refused'],
    [{ kind: 'timed-out' }, 'administrator-refused'],
    [{ kind: 'absent' }, 'network-setup-failed'],
    [exited(1, 'execution error: boom (4)'), 'network-setup-failed'],
  ])('%j', (result, code) => expect(failing(result).ends).rejects.toMatchObject({ code }))
})
