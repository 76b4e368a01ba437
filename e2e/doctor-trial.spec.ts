import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runExo } from './node/run-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

describe('exo doctor --full', () => {
  let dataDir: string
  let folder: string

  useDefaultNode(({ node }) => void ({ dataDir } = node))
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exo-trial-'))))
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('asks the model of a running node, and writes what to send', async () => {
    const report = join(folder, 'report.json')
    const { stdout, stderr } = await runExo(['doctor', '--full', '--json', '--report', report, '--data-dir', dataDir])
    const { checks } = JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1)) as {
      checks: { id: string; state: string; finding: string }[]
    }
    const trial = checks.filter(({ id }) => id.startsWith('trial-'))
    expect(
      trial.map(({ id, state, finding }) => `${id} ${state === 'ok' ? 'ok' : finding}`),
      stderr,
    ).toEqual(['answer', 'repeat', 'together', 'long-prompt', 'prefix-cache', 'splits'].map((id) => `trial-${id} ok`))
    const text = await readFile(report, 'utf8')
    expect((JSON.parse(text) as { checks: unknown[] }).checks).toHaveLength(checks.length)
    expect(text).not.toContain(hostname())
  })

  it('names the way out where no node runs', async () => {
    const { status, stderr } = await runExo(['doctor', '--full', '--data-dir', join(folder, 'none')])
    expect(status).not.toBe(0)
    expect(stderr).toContain('Start it with: exo')
  })
})
