import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { checkFreeSpace, type DiskRoom, explainFullDisk, readDiskRoom, watchFreeSpace } from './disk-space.ts'

const full = { code: 'disk-full' }

it('leaves a reserve that is small on a small disk', async () => {
  const { freeBytes, reserveBytes } = await readDiskRoom(tmpdir())
  expect(freeBytes).toBeGreaterThan(0)
  expect(reserveBytes).toBeGreaterThan(0)
  expect(reserveBytes).toBeLessThanOrEqual(2e9)
})
it('D1: does not begin what would go into the reserve', async () => {
  const room = async (): Promise<DiskRoom> => ({ freeBytes: 10e9, reserveBytes: 2e9, diskBytes: 100e9 })
  await checkFreeSpace('/models', 8e9, 'org/model', room)
  await expect(checkFreeSpace('/models', 8e9 + 1, 'org/model', room)).rejects.toMatchObject(full)
  await expect(checkFreeSpace('/models', 8e9 + 1, 'org/model', room)).rejects.toMatchObject({ details: { isTooSmall: false } })
  await expect(checkFreeSpace('/models', 98e9 + 1, 'org/model', room)).rejects.toMatchObject({ details: { isTooSmall: true } })
  // Files that are already here need no space.
  await checkFreeSpace('/models', 0, 'org/model', async () => ({ freeBytes: 0, reserveBytes: 2e9, diskBytes: 100e9 }))
})
it('D1: stops before the disk is full, whatever fills it, and checks rarely while there is space', async () => {
  let freeBytes = 10e9
  let looks = 0
  const check = watchFreeSpace('/models', 'org/model', async () => {
    looks += 1
    return { freeBytes, reserveBytes: 2e9, diskBytes: 100e9 }
  })
  const write = async (count: number): Promise<void> => {
    await check(count)
    freeBytes -= count
  }
  for (let written = 0; written < 1e9; written += 1e6) await write(1e6)
  expect(looks).toBeLessThan(50)
  // Another program copies a film.
  freeBytes = 2.1e9
  await expect(
    (async () => {
      for (;;) await write(1e6)
    })(),
  ).rejects.toMatchObject(full)
  expect(freeBytes).toBeGreaterThanOrEqual(2e9)
  expect(freeBytes).toBeLessThan(2.05e9)
})
it('explains only a full disk', () => {
  const other = new Error('odd')
  expect(explainFullDisk(other, '/models', 'org/model')).toBe(other)
  expect(explainFullDisk(Object.assign(new Error('x'), { code: 'ENOSPC' }), '/models', 'org/model')).toMatchObject(full)
})
