import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readMachineSpeed, saveSpeedRecord } from './speed-file.ts'

const speed = { bytesPerSecond: 1e11, flopsPerSecond: 1e13, layerSeconds: 1e-4 }

it('keeps the speed of this machine, and treats a damaged file as none', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-speed-'))
  expect(await readMachineSpeed(dataDir)).toBeNull()
  await saveSpeedRecord(dataDir, { measuredAt: '2026-01-01T00:00:00.000Z', modelId: 'a/b', speed })
  expect(await readMachineSpeed(dataDir)).toEqual(speed)
  await writeFile(join(dataDir, 'speed.json'), '{"speed": {"bytesPerSecond": -1}}')
  await writeFile(join(dataDir, 'speed.json.previous'), 'x').catch(() => undefined)
  expect(await readMachineSpeed(dataDir)).toBeNull()
})
