import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createRunCommand } from '../../platform/run-command.ts'
import type { HardwareReader } from '../hardware/hardware-reader.ts'
import { createNetworkSetup, type NetworkSetup, type NetworkSetupDependencies } from './network-setup.ts'
import { createRunAsAdministrator } from './run-as-administrator.ts'

/** `exo thunderbolt plan|apply|undo` on this Mac, remembering in `thunderbolt-setup.json`. */
export function networkSetupOf(reader: HardwareReader, dataDir: string, environment: Readonly<Record<string, string | undefined>>): NetworkSetup {
  return createNetworkSetup({
    record: (signal) => reader.record(signal),
    runAsAdministrator: createRunAsAdministrator(createRunCommand(), environment['SSH_CONNECTION'] !== undefined),
    memory: fileMemory(join(dataDir, 'thunderbolt-setup.json')),
  })
}

/** Written whole or not at all. */
export function fileMemory(path: string): NetworkSetupDependencies['memory'] {
  return {
    read: () =>
      readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      }),
    async write(text) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeFile(`${path}.new`, text, { mode: 0o600 })
      await rename(`${path}.new`, path)
    },
    remove: () => rm(path, { force: true }),
  }
}
