import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'
import { startAnsweringNode } from '../__fixtures__/start-answering-node.ts'

const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }

let dataDir: string
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-run-'))))
afterEach(() => rm(dataDir, { recursive: true, force: true }))

describe('exo run --schema', () => {
  const file = (): string => join(dataDir, 'schema.json')

  it('asks for an answer that matches the schema, strictly', async () => {
    await writeFile(file(), JSON.stringify(schema))
    const refusal = { status: 400, code: 'invalid_value', message: 'The node was asked.' }
    await using node = await startAnsweringNode(dataDir, { 'POST /v1/chat/completions': refusal })
    const { status, err } = await runCommandLine('run', 'tiny', 'hi', '--schema', file(), '--data-dir', dataDir)
    expect([status, err]).toEqual([1, 'exo: The node was asked.\n'])
    const asked = node.asked.find((line) => line.startsWith('POST /v1/chat/completions')) ?? ''
    expect(JSON.parse(asked.replace('POST /v1/chat/completions ', ''))).toMatchObject({
      model: 'tiny',
      response_format: { type: 'json_schema', json_schema: { strict: true, schema } },
    })
  })

  it.each([
    ['a file that is not there', null, 'ENOENT'],
    ['a file that is not JSON', '{', 'is not JSON'],
    ['a list', '[]', 'must contain a JSON schema'],
  ])('is wrong usage with %s', async (_, text, words) => {
    if (text !== null) await writeFile(file(), text)
    const { status, err } = await runCommandLine('run', 'tiny', 'hi', '--schema', file(), '--data-dir', dataDir)
    expect(status).toBe(2)
    expect(err).toContain('--schema: ')
    expect(err).toContain(words)
  })
})
