import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MacLayout, macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { type Finished, runExo } from '../node/run-exo.ts'
import { MacDesk } from './mac-desk.ts'
import { rdmaLinksOf } from './read-view.ts'

interface CheckView {
  readonly id: string
  readonly state: string
  readonly finding: string
  readonly fix: string | null
}

const launcher = process.env['EXO_LAUNCHER']
const exo = (...commandArguments: string[]): Promise<Finished> => runExo(commandArguments, launcher === undefined ? {} : { launcher })

describe('exo doctor over four Macs', () => {
  let desk: MacDesk
  beforeAll(async () => void (desk = await MacDesk.start(macLayouts['four Macs, full mesh'])))
  afterAll(() => desk?.stop())

  /** Goes through the full mesh first: its number of links shows when all nodes have seen the change. */
  async function rearrange(layout: MacLayout, linkCount: number): Promise<void> {
    for (const [next, count] of [
      ['four Macs, full mesh', 12],
      [layout, linkCount],
    ] as const) {
      await desk.replug(macLayouts[next])
      await desk.when(`${count} RDMA links`, (view) => rdmaLinksOf(view).length === count)
    }
  }

  async function doctor(layout: MacLayout, linkCount: number): Promise<{ status: number | null; checks: CheckView[] }> {
    await rearrange(layout, linkCount)
    const { status, stdout } = await exo('doctor', '--json', '--data-dir', desk.dataDir(1))
    return { status, checks: (JSON.parse(stdout) as { checks: CheckView[] }).checks }
  }

  it('finds nothing wrong with a mesh', async () => {
    const { status, checks } = await doctor('four Macs, full mesh', 12)
    expect({ status, problems: checks.filter(({ state }) => state === 'problem') }).toEqual({ status: 0, problems: [] })
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'rdma-links', state: 'ok', finding: 'full mesh of 4 Macs: JACCL can run between all of them' }),
      ]),
    )
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'peers', finding: '3 in cluster default' }),
        expect.objectContaining({ id: 'subnets', state: 'ok' }),
      ]),
    )
  })

  it.each<[MacLayout, id: string, finding: RegExp, fix: RegExp]>([
    [
      'four Macs, full mesh, RDMA off on one',
      'rdma',
      /^rdma-disabled on studio-3 \(rdma_ctl enable, in Recovery\)/,
      /hold the power button.*`rdma_ctl enable`/,
    ],
    [
      'four Macs, full mesh, bridge on one',
      'thunderbolt-bridge',
      /^Thunderbolt bridge active on studio-4 \(bridge0\) over en3, en4, en5/,
      /^run exo thunderbolt apply/,
    ],
    ['four Macs, full mesh, one on macOS 26.1', 'macos-version', /^macOS 26\.1 < 26\.2 on studio-2/, /^update to macOS 26\.2/],
  ])('%s: reports it with a fix, and exits with 1', async (layout, id, finding, fix) => {
    const { status, checks } = await doctor(layout, 6)
    expect(status).toBe(1)
    expect(checks.filter(({ state }) => state === 'problem')).toEqual([
      expect.objectContaining({ id, finding: expect.stringMatching(finding), fix: expect.stringMatching(fix) }),
    ])
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: 'rdma-links',
          state: 'warning',
          finding: expect.stringMatching(/^3 of 6 pairs of Macs have RDMA: /),
        }),
      ]),
    )
  })

  it('has one line for each check, and one on stderr', async () => {
    await rearrange('four Macs, full mesh, RDMA off on one', 6)
    const { status, stdout, stderr } = await exo('doctor', '--data-dir', desk.dataDir(2))
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'exo: Found problems; each one above says how to fix it.\n' })
    expect(stdout).toMatch(/^problem {2}RDMA +rdma-disabled on studio-3 .* → shut the Mac down, /m)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ ok, \d+ warning, 1 problem$/)
  })

  it('records a Mac without what tells whose it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exo-recording-'))
    const file = join(folder, 'mac.json')
    expect(await exo('doctor', '--record', file, '--hardware', desk.recordingFile(1))).toMatchObject({ status: 0 })
    const text = await readFile(file, 'utf8')
    expect(text).not.toMatch(/studio-1|36:00:00|0x05AC/)
    const plan = await exo('thunderbolt', 'plan', '--json', '--hardware', file)
    expect({ status: plan.status, steps: JSON.parse(plan.stdout).steps.length }).toEqual({ status: 0, steps: 0 })
    await rm(folder, { recursive: true })
  })
})

it.runIf(process.platform !== 'darwin')('says that only a Mac can be recorded', async () => {
  const { status, stderr } = await exo('doctor', '--record', join(tmpdir(), 'exo-never-written.json'))
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^exo: This command needs a Mac\. Run it on one, or use a recording of one with --hardware FILE/),
  })
})
