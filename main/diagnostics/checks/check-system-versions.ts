import type { HardwareFacts } from '../../shared/hardware.ts'
import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'

/** Macs with different versions of macOS answer differently, or fail over RDMA: their Metal and JACCL differ. */
export function checkSystemVersions(machines: readonly HardwareFacts[]): Check[] {
  const macs = machines.filter(({ platform, osVersion }) => platform === 'darwin' && osVersion !== 'unknown')
  if (macs.length < 2) return []
  const check = checkOf('same-macos', 'Same macOS')
  const versions = [...new Set(macs.map(({ osVersion }) => osVersion))]
  if (versions.length === 1) return [check.ok(sayFinding('same-macos-good', { version: versions[0] ?? '', count: macs.length }))]
  const namesOf = (version: string): string =>
    macs
      .filter(({ osVersion }) => osVersion === version)
      .map(({ name }) => name)
      .join(', ')
  const found = versions.map((version) => sayPart('macos-version-good', { version, machine: namesOf(version) }))
  return [check.warning(sayFinding('same-macos-differ', { found }), sayFinding('same-macos-fix'))]
}
