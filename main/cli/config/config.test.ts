import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'
import { addNodeOptions, type NodeFlags, toNodeOptions } from '../node-options.ts'
import { applyConfig } from './effective-settings.ts'

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-config-'))
})
afterEach(() => vi.unstubAllEnvs())

const exo = (...words: string[]) => runCommandLine(...words, '--data-dir', dataDir)
const write = (content: unknown) => writeFile(join(dataDir, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content))

async function flagsOf(...commandLine: string[]): Promise<NodeFlags> {
  const command = addNodeOptions(new Command())
  command.parse(commandLine, { from: 'user' })
  await applyConfig(command, dataDir)
  return command.opts<NodeFlags>()
}

describe('the configuration of a node', () => {
  it('has the precedence flag, environment, file, default', async () => {
    await write({ port: 1000, 'max-memory': '8GB', model: ['from-file'], mdns: false })
    expect(await flagsOf()).toMatchObject({ port: 1000, maxMemory: 8e9, model: ['from-file'], mdns: false, broadcast: true })
    vi.stubEnv('EXO_PORT', '2000')
    vi.stubEnv('EXO_MODELS', 'a, b')
    vi.stubEnv('EXO_MDNS', 'yes')
    expect(await flagsOf()).toMatchObject({ port: 2000, model: ['a', 'b'], mdns: true })
    expect(await flagsOf('--port', '3000', '--model', 'x')).toMatchObject({ port: 3000, model: ['x'] })
    expect(toNodeOptions(await flagsOf())).toMatchObject({ port: 2000, maxMemoryBytes: 8e9 })
  })

  it('is set, read and removed by commands, and says where a value comes from', async () => {
    expect(await exo('config', 'set', 'idle-unload', '5')).toMatchObject({ status: 0 })
    expect(await exo('config', 'set', 'allow-host=a.example', 'b.example')).toMatchObject({ status: 0 })
    expect(await exo('config', 'set', 'open', 'on')).toMatchObject({ status: 0 })
    expect(JSON.parse(await readFile(join(dataDir, 'config.json'), 'utf8'))).toEqual({
      'idle-unload': 5,
      'allow-host': ['a.example', 'b.example'],
      open: true,
    })
    expect((await exo('config', 'get', 'idle-unload')).out).toBe('5\n')
    vi.stubEnv('EXO_IDLE_UNLOAD', '7')
    const { settings } = JSON.parse((await exo('config', 'list', '--origin', '--json')).out) as {
      settings: { key: string; origin: string }[]
    }
    const originOf = (key: string) => settings.find((setting) => setting.key === key)?.origin
    expect([originOf('idle-unload'), originOf('open'), originOf('port')]).toEqual(['environment', 'file', 'default'])
    await exo('config', 'unset', 'open')
    expect((await flagsOf()).open).toBeUndefined()
  })

  it('shows no secret in the list', async () => {
    await write({ 'api-token': 'hush-hush' })
    expect((await exo('config', 'list')).out).not.toContain('hush')
  })

  it.each([
    ['an unknown setting', { prot: 1 }, '"prot"'],
    ['a value out of its range', { port: 70_000 }, 'port'],
    ['a value that is not among the choices', { 'seal-ring': 'maybe' }, 'always, lan, never'],
    ['a switch that is neither', { mdns: 'perhaps' }, 'true or false'],
    ['what is not JSON', '{', 'config edit'],
    ['a list instead of an object', '[1]', 'config edit'],
  ])('refuses %s by name', async (_, content, reason) => {
    await write(content)
    const { status, err } = await exo('config', 'list')
    expect(status).toBe(1)
    expect(err).toContain(reason)
  })

  it('refuses a wrong value before it is saved', async () => {
    expect(await exo('config', 'set', 'port', 'x')).toMatchObject({ status: 1, err: expect.stringContaining('0 to 65535') })
    expect(await exo('config', 'set', 'prot', '1')).toMatchObject({ status: 1 })
    expect(await exo('config', 'set', 'port')).toMatchObject({ status: 2 })
    await expect(readFile(join(dataDir, 'config.json'))).rejects.toThrow()
  })

  it('is edited in an editor, and stays as it was if the text is invalid', async () => {
    const editor = join(dataDir, 'editor.sh')
    const editTo = async (text: string) => {
      await writeFile(editor, `#!/bin/sh\ncat > "$1" <<'END'\n${text}\nEND\n`)
      await chmod(editor, 0o755)
    }
    vi.stubEnv('VISUAL', editor)
    await editTo('{"port": 1234}')
    expect(await exo('config', 'edit')).toMatchObject({ status: 0 })
    expect((await flagsOf()).port).toBe(1234)
    for (const wrong of ['{"port": "x"}', '{', '{"prot": 1}']) {
      await editTo(wrong)
      expect(await exo('config', 'edit')).toMatchObject({ status: 1 })
    }
    expect((await flagsOf()).port).toBe(1234)
  })

  it('has a schema that describes each setting', async () => {
    const schema = JSON.parse((await runCommandLine('config', 'schema')).out) as { properties: Record<string, { description?: string }> }
    expect(Object.keys(schema.properties)).toContain('max-memory')
    expect(Object.entries(schema.properties).filter(([key, { description }]) => key !== '$schema' && !description)).toEqual([])
  })
})
