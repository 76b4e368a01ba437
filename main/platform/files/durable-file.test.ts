import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../domain/election/__fixtures__/simulation.ts'
import { SimulatedDisk } from '../__fixtures__/simulated-disk.ts'
import { copyBefore, DurableFile, type DurableFileOptions } from './durable-file.ts'

const SCHEDULES = 1000
const FAULTS = ['ENOSPC', 'EIO', 'EMFILE', 'power'] as const

const parse = (text: string): number => {
  const match = /^\{"value":(\d+)\}$/.exec(text)
  if (!match) throw new Error('it is torn')
  return Number(match[1])
}
const format = (value: number): string => `{"value":${value}}`

describe('DurableFile on a disk', () => {
  let folder: string
  const notices: string[] = []
  const open = (options: Partial<DurableFileOptions<number>> = {}): DurableFile<number> =>
    new DurableFile({
      path: join(folder, 'data', 'number.json'),
      parse,
      format,
      watch: { onWritten: () => undefined, onFallback: ({ reason }) => void notices.push(reason) },
      ...options,
    })
  beforeEach(async () => {
    notices.length = 0
    folder = await mkdtemp(join(tmpdir(), 'exo-durable-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('keeps the last value and the one before it, for this user only', async () => {
    const file = open()
    expect(await file.read()).toBeNull()
    await file.write(1)
    await file.write(2)
    expect(await file.read()).toBe(2)
    expect(await readFile(copyBefore(file.path), 'utf8')).toBe(format(1))
    expect((await stat(file.path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['number.json', 'number.json.previous'])
  })
  it.each([
    ['empty', ''],
    ['torn', '{"val'],
    ['full of zeros', '\0\0\0\0'],
  ])('D2: falls back to the copy before from a file that is %s, and says so', async (_, text) => {
    const file = open()
    await file.write(1)
    await file.write(2)
    await writeFile(file.path, text)
    expect(await file.read()).toBe(1)
    expect(notices).toHaveLength(1)
    // The truncated text does not replace the good backup.
    await file.write(3)
    expect([await file.read(), await readFile(copyBefore(file.path), 'utf8')]).toEqual([3, format(1)])
  })
  it('falls back when the file is gone', async () => {
    const file = open()
    await file.write(1)
    await file.write(2)
    await rm(file.path)
    expect(await file.read()).toBe(1)
  })
  it('does not take damage for nothing, unless its loss is none', async () => {
    const file = open()
    await file.write(1)
    await writeFile(file.path, 'x')
    await expect(file.read()).rejects.toMatchObject({ code: 'file-damaged' })
    await expect(file.change((kept) => (kept ?? 0) + 1)).rejects.toMatchObject({ code: 'file-damaged' })
    expect(await open({ isExpendable: true }).change((kept) => (kept ?? 0) + 1)).toBe(1)
  })
  it('F8: changes of one path take turns, also through objects of their own', async () => {
    await Promise.all(Array.from({ length: 30 }, () => open().change((kept) => (kept ?? 0) + 1)))
    expect(await open().read()).toBe(30)
  })
  it('keeps no copy where what was revoked must not come back', async () => {
    const file = open({ keepsCopy: false })
    await file.write(1)
    await file.write(2)
    expect(await readdir(join(folder, 'data'))).toEqual(['number.json'])
    await writeFile(file.path, '')
    await expect(file.read()).rejects.toMatchObject({ code: 'file-damaged' })
  })
  it('removes the file with its copy', async () => {
    const file = open()
    await file.write(1)
    await file.write(2)
    await file.remove()
    expect([await file.read(), await readdir(join(folder, 'data'))]).toEqual([null, []])
  })
  it('makes no folder again where it is told not to', async () => {
    await expect(open({ makesFolder: false }).write(1)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('DurableFile on a disk that fails', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EIO', 'disk-failing'],
    ['EMFILE', 'too-many-open-files'],
  ] as const)('D1: tells %s as %s, keeps what was there and leaves no file of no use', async (systemCode, code) => {
    let countdown = Infinity
    let effects = 0
    const disk = new SimulatedDisk({ random: () => 0.5, fault: () => (effects++, --countdown === 0 ? systemCode : null) })
    const outcomes: unknown[] = []
    const file = new DurableFile({
      path: '/d/n',
      parse,
      format,
      files: disk,
      watch: { onFallback: () => undefined, onWritten: (_, error) => void outcomes.push(error) },
    })
    await file.write(1)
    effects = 0
    await file.write(2)
    const each = effects
    for (let at = 1; at <= each; at++) {
      countdown = at
      await expect(file.write(3), `effect ${at}`).rejects.toMatchObject({ code })
      countdown = Infinity
      // The folder is synced after the name is set.
      expect(await file.read()).toBe(at === each ? 3 : 2)
      expect(disk.paths().filter((path) => path.endsWith('.new'))).toEqual([])
      expect(outcomes.at(-1)).toMatchObject({ code })
    }
    await file.write(4)
    expect([await file.read(), outcomes.at(-1)]).toEqual([4, null])
  })
  it('spends the copy before where the disk is full and it may', async () => {
    let blocks = Infinity
    const disk = new SimulatedDisk({ random: () => 0.5, fault: () => null })
    const write = disk.write.bind(disk)
    disk.write = async (path, text) => {
      if (disk.paths().length >= blocks) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      await write(path, text)
    }
    const file = new DurableFile({ path: '/d/n', parse, format, files: disk, spendsCopy: true })
    await file.write(1)
    blocks = disk.paths().length
    expect(blocks).toBe(2)
    for (const value of [2, 3, 4]) await file.write(value)
    expect(await file.read()).toBe(4)
  })
})

describe('DurableFile, 1,000 schedules of faults', () => {
  it.each([false, true])('loses nothing that it has said to keep, and can be read each time (spends its copy: %s)', async (spendsCopy) => {
    let losses = 0
    let failures = 0
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const random = seededRandom(seed)
      let isCalm = false
      const rate = 0.02 + 0.2 * random()
      const disk = new SimulatedDisk({
        random,
        fault: () => (isCalm || random() > rate ? null : (FAULTS[Math.floor(random() * FAULTS.length)] ?? null)),
      })
      const open = (): DurableFile<number> => new DurableFile({ path: '/data/settings.json', parse, format, files: disk, spendsCopy })
      let kept = 0
      let tried = 0
      for (let act = 0; act < 12; act++) {
        tried++
        await open()
          .write(tried)
          .then(
            () => (kept = tried),
            () => failures++,
          )
        const hasRestarted = disk.isOff
        if (hasRestarted) {
          losses++
          disk.restart()
        }
        isCalm = true
        const found = (await open().read()) ?? 0
        isCalm = false
        expect(found, `schedule ${seed}, act ${act}`).toBeGreaterThanOrEqual(kept)
        expect(found, `schedule ${seed}, act ${act}`).toBeLessThanOrEqual(tried)
        if (hasRestarted) kept = found
      }
    }
    expect(losses).toBeGreaterThan(SCHEDULES / 4)
    expect(failures).toBeGreaterThan(losses)
  })
})
