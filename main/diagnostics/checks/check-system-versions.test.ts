import { describe, expect, it } from 'vitest'
import { healthyCluster, healthyFacts } from '../__fixtures__/doctor-facts.ts'
import { diagnose } from '../diagnose.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Sets the versions of the machines in turn. */
function withVersions(facts: DoctorFacts, versions: readonly string[], platform = 'darwin'): DoctorFacts {
  return {
    ...facts,
    hardwareByNode: new Map(
      [...facts.hardwareByNode].map(([nodeId, hardware], index) => [
        nodeId,
        { ...hardware, platform, osVersion: versions[index] ?? hardware.osVersion },
      ]),
    ),
  }
}
const found = (facts: DoctorFacts) => diagnose(facts).filter(({ id }) => id === 'same-macos')

describe('D02 versions of macOS in one cluster', () => {
  it('are named with their machines where they differ', () => {
    const [check, ...more] = found(withVersions(healthyCluster('four Macs, full mesh'), ['26.3', '26.5', '26.3', '26.3']))
    expect(more).toEqual([])
    expect(check).toMatchObject({ state: 'warning', fix: expect.stringContaining('same version') as string })
    expect(check?.finding).toBe('the Macs run different versions: macOS 26.3 on studio-1, studio-3, studio-4; macOS 26.5 on studio-2')
  })

  it('are right where they are the same, unknown, or of one Mac', () => {
    expect(found(healthyCluster('two Macs'))).toMatchObject([{ state: 'ok' }])
    expect(found(withVersions(healthyCluster('two Macs'), ['26.3', 'unknown']))).toEqual([])
    expect(found(withVersions(healthyCluster('two Macs'), ['6.1.0', '6.8.0'], 'linux'))).toEqual([])
    expect(found(healthyFacts('one Mac'))).toEqual([])
  })
})
