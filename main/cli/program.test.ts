import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from './__fixtures__/run-command-line.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'

/** Every command with the words that call it, such as `models pull`. */
function commandsOf(command: Command, words: readonly string[] = []): { words: readonly string[]; command: Command }[] {
  return [{ words, command }, ...command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]))]
}

const program = createProgram({} as Terminal, () => {
  throw new Error('unused')
})
const commands = commandsOf(program)
const leaves = commands.filter(({ command, words }) => words.length > 0 && command.commands.length === 0)

describe('the command line', () => {
  it('has the commands that the README names', () => {
    expect(leaves.map(({ words }) => words.join(' ')).toSorted()).toEqual(
      [
        'admit',
        'bench',
        'calibrate',
        'cluster new-key',
        'cluster status',
        'cluster top',
        'completion',
        'config edit',
        'config get',
        'config list',
        'config path',
        'config schema',
        'config set',
        'config unset',
        'doctor',
        'history',
        'identity new',
        'join',
        'launch',
        'leave',
        'links',
        'load',
        'logs',
        'man-pages',
        'members',
        'models alias',
        'models du',
        'models import',
        'models ls',
        'models mv',
        'models pull',
        'models quantize',
        'models rm',
        'models search',
        'models set',
        'models update',
        'models verify',
        'plan',
        'ps',
        'refuse',
        'remove',
        'run',
        'service install',
        'service logs',
        'service start',
        'service status',
        'service stop',
        'service uninstall',
        'thunderbolt apply',
        'thunderbolt plan',
        'thunderbolt undo',
        'tokens new',
        'tokens revoke',
        'trace',
        'uninstall',
        'unload',
        'update',
      ].toSorted(),
    )
  })
  it.each(commands.map(({ words, command }) => [`exo ${words.join(' ')}`, words, command] as const))(
    '%s helps: it says what it does and what each option means',
    async (_, words, command) => {
      const { status, out, err } = await runCommandLine(...words, '--help')
      expect([status, err]).toEqual([0, ''])
      expect(out).toContain(`Usage: exo${words.map((word) => ` ${word}`).join('')}`)
      expect(command.description()).toMatch(/^\S.{9}/)
      for (const option of command.options) {
        expect(option.description, `${words.join(' ')} ${option.flags}`).not.toBe('')
        expect(out).toContain(option.flags)
      }
    },
  )
  it.each(leaves.map(({ words, command }) => [words.join(' '), words, command] as const))(
    'exo %s refuses an option that it does not have',
    async (_, words, command) => {
      const required = command.options.flatMap(({ mandatory, long }) => (mandatory && long ? [long, 'x'] : []))
      const { status, out, err } = await runCommandLine(...words, ...required, '--no-such-option')
      expect([status, out]).toEqual([2, ''])
      expect(err).toContain("unknown option '--no-such-option'")
      expect(err).toContain('See exo --help.')
    },
  )
  it.each(
    leaves.flatMap(({ words, command }) =>
      command.registeredArguments.some(({ required }) => required) ? [[words.join(' '), words] as const] : [],
    ),
  )('exo %s says which argument is missing', async (_, words) => {
    const { status, out, err } = await runCommandLine(...words)
    expect([status, out]).toEqual([2, ''])
    expect(err).toContain('missing required argument')
  })
  it('refuses a command that it does not have', async () => {
    const { status, out, err } = await runCommandLine('frobnicate')
    expect([status, out]).toEqual([2, ''])
    expect(err).toBe('exo: "frobnicate" is not a command. For the list of commands: exo --help\n')
  })
  it('prints its version', async () => {
    expect(await runCommandLine('--version')).toEqual({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
  })
  it.each([
    [['--port', '65536'], '--port'],
    [['--port', 'x'], '--port'],
    [['--max-memory', '8'], 'size'],
    [['--peer', 'nohost'], 'HOST:PORT'],
    [['--admit-window', '25h'], 'duration'],
    [['--strategy', 'magic'], '--strategy'],
    [['--seal-ring', 'maybe'], '--seal-ring'],
    [['plan', '--model', 'x'], '--topology'],
    [['tokens', 'new', 'x', '--rights', 'all'], '--rights'],
    [['history', '--since', 'yesterday'], '30m, 2h or 7d'],
    [['history', '--limit', '0'], '--limit'],
    [['history', '--json', '--csv'], 'cannot be used with'],
    [['run', 'm', '--temperature', '3'], 'from 0 to 2'],
    [['models', 'search', 'x', '--limit', '101'], '--limit'],
    [['models', 'pull', 'x', '--revision', '../x'], '--revision'],
  ])('%j is wrong usage: status 2, and the reason names the option', async (commandArguments, reason) => {
    const { status, out, err } = await runCommandLine(...commandArguments)
    expect([status, out]).toEqual([2, ''])
    expect(err).toContain(reason)
  })
})
