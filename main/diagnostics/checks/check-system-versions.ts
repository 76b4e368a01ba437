import type { HardwareFacts } from '../../shared/hardware.ts'
import { type Check, checkOf } from '../check.ts'

/** Macs with different versions of macOS answer differently, or fail over RDMA: their Metal and JACCL differ. */
export function checkSystemVersions(machines: readonly HardwareFacts[]): Check[] {
  const macs = machines.filter(({ platform, osVersion }) => platform === 'darwin' && osVersion !== 'unknown')
  if (macs.length < 2) return []
  const check = checkOf('same-macos', 'Same macOS')
  const versions = [...new Set(macs.map(({ osVersion }) => osVersion))]
  if (versions.length === 1) return [check.ok(`macOS ${versions[0]} on all ${macs.length} Macs`)]
  const found = versions.map(
    (version) =>
      `macOS ${version} on ${macs
        .filter(({ osVersion }) => osVersion === version)
        .map(({ name }) => name)
        .join(', ')}`,
  )
  return [
    check.warning(
      `the Macs run different versions: ${found.join('; ')}`,
      'update all Macs to the same version of macOS (System Settings > General > Software Update)',
    ),
  ]
}
