import { join } from 'node:path'
import { DurableFile } from '../../platform/files/durable-file.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import type { HardwareReader } from '../hardware/hardware-reader.ts'
import { createNetworkSetup, type NetworkSetup, type NetworkSetupDependencies } from './network-setup.ts'
import { createRunAsAdministrator } from './run-as-administrator.ts'

/**
 * `exo thunderbolt plan
 * apply
 * undo` on this Mac, with the previous settings in `thunderbolt-setup.json`.
 */
export function networkSetupOf(
  reader: HardwareReader,
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
): NetworkSetup {
  return createNetworkSetup({
    record: (signal) => reader.record(signal),
    runAsAdministrator: createRunAsAdministrator(createRunCommand(), environment['SSH_CONNECTION'] !== undefined),
    memory: fileMemory(join(dataDir, 'thunderbolt-setup.json')),
  })
}

/** Written completely or not at all. The text is parsed by its user, which can report damage. */
export function fileMemory(path: string): NetworkSetupDependencies['memory'] {
  return new DurableFile<string>({ path, parse: requireText, format: (text) => text })
}

function requireText(text: string): string {
  JSON.parse(text)
  return text
}
