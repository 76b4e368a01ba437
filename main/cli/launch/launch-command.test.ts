import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ModelCapability } from '../../shared/models/model-capability.ts'
import type { WireModel } from '../../shared/wire/api/openai-models.ts'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'
import { startAnsweringNode } from '../__fixtures__/start-answering-node.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-launch-test-'))
  vi.stubEnv('HOME', dataDir)
  vi.stubEnv('PATH', [join(dataDir, 'bin'), process.env.PATH].join(delimiter))
  await mkdir(join(dataDir, 'bin'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(dataDir, { recursive: true, force: true })
})

const model = (id: string, contextTokens: number, capabilities: ModelCapability[]): WireModel => ({
  ...{ id, object: 'model', type: 'model', display_name: id, created_at: '', created: 1, owned_by: 'exo', aliases: [], loaded: true },
  ...{ context_tokens: contextTokens, context_length: contextTokens, context_window: contextTokens, max_model_len: contextTokens },
  ...{ max_context_length: contextTokens, max_input_tokens: contextTokens, max_tokens: contextTokens, state: 'loaded' },
  ...{ capabilities, meta: { n_ctx_train: null } },
})
const GOOD = model('org/good', 65_536, ['completion', 'tools'])
const SMALL = model('org/small', 8_192, ['completion'])
const withModels = (...data: WireModel[]) =>
  startAnsweringNode(dataDir, {
    'GET /v1/models': { body: { object: 'list', data, models: [], first_id: null, last_id: null, has_more: false } },
  })

/** A program that notes how it was started, and the files in the folder of its last argument that names one. */
async function install(command: string, status = 0): Promise<void> {
  const script =
    '#!/bin/sh\n{ env; for each in "$@"; do echo "ARG $each"; done; cat "$OPENCODE_CONFIG" ' +
    `"$CRUSH_GLOBAL_CONFIG/crush.json"; } > "$HOME/noted" 2>/dev/null\nexit ${status}\n`
  const path = join(dataDir, 'bin', command)
  await writeFile(path, script)
  await chmod(path, 0o755)
}
const noted = (): Promise<string> => readFile(join(dataDir, 'noted'), 'utf8')
const launch = (...given: string[]) => runCommandLine('launch', '--data-dir', dataDir, ...given)

describe('exo launch', () => {
  it('starts a tool with the node, a fitting model and its own arguments, and ends like it', async () => {
    await using node = await withModels(SMALL, GOOD)
    await install('claude', 3)
    const { status, err } = await launch('claude', '-p', 'say "hi" {model}')
    expect([status, node.asked]).toEqual([3, ['GET /v1/models']])
    expect(err).toContain('Claude Code uses org/good')
    const said = await noted()
    expect(said).toMatch(/^ANTHROPIC_BASE_URL=http:\/\/127\.0\.0\.1:\d+$/m)
    for (const line of ['ANTHROPIC_AUTH_TOKEN=secret', 'ANTHROPIC_MODEL=org/good', 'ARG -p', 'ARG say "hi" {model}'])
      expect(said).toContain(line)
  })

  it('gives a tool a configuration that is gone afterwards', async () => {
    await using _node = await withModels(GOOD)
    await install('opencode')
    expect((await launch('opencode', '--', '--model', 'x')).status).toBe(0)
    const said = await noted()
    const file = /^OPENCODE_CONFIG=(.*)$/m.exec(said)?.[1] ?? ''
    expect(said).toContain('"model": "exo/org/good"')
    expect(said).toContain('ARG --model\nARG x')
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
    expect((await readdir(dataDir)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('says what a chosen model lacks, and starts all the same', async () => {
    await using _node = await withModels(SMALL)
    await install('claude')
    const { status, err } = await launch('claude', '--model', 'small')
    expect(status).toBe(0)
    expect(err).toMatch(/not trained to call tools[\s\S]*context of 8,192 tokens/)
  })

  it.each([
    ['no fitting model', ['claude'], /needs a model that can call tools and has a context of 32,768 tokens[\s\S]*exo models pull/],
    ['no such model', ['claude', '--model', 'nothing'], /There is no model 'nothing' here. Models: org\/small/],
    ['no such program', ['aider'], /aider is not installed[\s\S]*pip install aider-chat/],
  ])('says what is missing: %s', async (_, given, words) => {
    await using _node = await withModels(SMALL)
    vi.stubEnv('PATH', join(dataDir, 'bin'))
    const { status, err } = await launch(...given)
    expect([status, err]).toEqual([1, expect.stringMatching(words)])
  })

  it('refuses a tool that it does not know, and names those that it does', async () => {
    const { status, err } = await launch('emacs')
    expect([status, err]).toEqual([2, expect.stringContaining('claude, codex, opencode')])
  })

  it('writes settings with a backup where that is asked, and only then', async () => {
    await using _node = await withModels(GOOD)
    const folder = join(dataDir, '.claude')
    await mkdir(folder)
    await writeFile(join(folder, 'settings.json'), '{"theme":"dark"}')
    const { status, out } = await launch('claude', '--write')
    expect([status, out]).toEqual([0, expect.stringContaining('Written: ')])
    expect(JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8'))).toMatchObject({
      theme: 'dark',
      env: { ANTHROPIC_MODEL: 'org/good' },
    })
    expect(await readFile(join(folder, 'settings.json.before-exo'), 'utf8')).toBe('{"theme":"dark"}')
    await launch('claude', '--write')
    expect((await readdir(folder)).sort()).toEqual(['settings.json', 'settings.json.before-exo'])
  })
})
