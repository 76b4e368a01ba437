import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultModelFile } from './node/default-model.ts'
import { reportFigure } from './node/report-figure.ts'
import { projectDir, runExo } from './node/run-exo.ts'

describe('the command line', () => {
  let folder: string
  let dataDir: string
  let version: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-command-'))
    dataDir = join(folder, 'data')
    version = (JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8')) as { version: string }).version
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('tells its version, at once', async () => {
    const finished = await runExo(['--version'])
    reportFigure('exo --version', finished.elapsedMs, 'ms')
    expect(finished).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect(finished.elapsedMs).toBeLessThan(10_000)
  })

  it('works through a link on the PATH, from any folder', async () => {
    const linked = join(folder, 'exo-link')
    await symlink(join(projectDir, 'exo'), join(folder, 'exo'))
    await symlink('exo', linked)
    const finished = await runExo(['--version'], { launcher: 'exo-link', cwd: tmpdir(), env: { PATH: `${folder}:${process.env['PATH']}` } })
    expect(finished).toMatchObject({ status: 0, stdout: `${version}\n` })
  })

  it('helps', async () => {
    const { status, stdout } = await runExo(['--help'])
    expect(status).toBe(0)
    for (const word of [
      '--port',
      '--host',
      '--model',
      '--data-dir',
      '--max-memory',
      '--no-default-model',
      '--log-level',
      '--log-format',
      'run',
      'models',
    ])
      expect(stdout).toContain(word)
  })

  it.each([
    [['--no-such-flag']],
    [['no-such-command']],
    [['--port', 'eighty']],
    [['--port', '70000']],
    [['--max-memory', '48']],
    [['--log-level', 'loud']],
    [['run']],
    [['models', 'import']],
  ])('answers wrong usage with status 2: %j', async (commandArguments) => {
    const { status, stdout, stderr } = await runExo(commandArguments)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/\w{3,}/)
  })

  it("answers with the embedded model before any node was started, at the model's own settings", async () => {
    const answer = await runExo(['run', 'smollm2', 'What is the capital of France?', '--data-dir', join(dataDir, 'unused')])
    expect(answer.status, answer.stderr).toBe(0)
    expect(answer.stdout).toContain('Paris')
  })

  it('imports a GGUF file, lists it, and runs it', async () => {
    const imported = await runExo(['models', 'import', defaultModelFile, '--data-dir', dataDir])
    expect(imported.status, imported.stderr).toBe(0)
    const listed = await runExo(['models', 'ls', '--json', '--data-dir', dataDir])
    expect(listed.status, listed.stderr).toBe(0)
    const { models } = JSON.parse(listed.stdout) as { models: { modelId: string }[] }
    const model = models.find(({ modelId }) => /smollm2/i.test(modelId))?.modelId ?? ''
    expect(model).not.toBe('')
    const table = await runExo(['models', 'ls', '--data-dir', dataDir])
    expect(table.stdout).toContain(model)
    const answer = await runExo([
      'run',
      model,
      'What is the capital of France?',
      '--temperature',
      '0',
      '--max-tokens',
      '64',
      '--data-dir',
      dataDir,
    ])
    expect(answer.status, answer.stderr).toBe(0)
    expect(answer.stdout).toContain('Paris')
  })

  it.each([
    ['a file that is missing', '/nowhere/at.gguf'],
    ['a file that is no GGUF', join(projectDir, 'package.json')],
  ])('refuses to import %s, in one line', async (_name, file) => {
    const { status, stderr } = await runExo(['models', 'import', file, '--data-dir', dataDir])
    expect([status, stderr.trim().split('\n').length]).toEqual([1, 1])
  })

  it('says in one line that a model is unknown', async () => {
    const { status, stdout, stderr } = await runExo(['run', 'nobody/nothing', 'Hello', '--data-dir', dataDir])
    expect([status, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1])
  })
})
