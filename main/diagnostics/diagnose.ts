import { sayFinding } from '../shared/doctor/say-finding.ts'
import type { Check } from './check.ts'
import { checkOf } from './check.ts'
import { checkCluster } from './checks/check-cluster.ts'
import { checkExposure } from './checks/check-exposure.ts'
import { checkInstances } from './checks/check-instances.ts'
import { checkNarrowPaths } from './checks/check-narrow-paths.ts'
import { checkNetwork } from './checks/check-network.ts'
import { checkSealedPaths } from './checks/check-sealed-paths.ts'
import { checkRdmaLinks } from './checks/check-rdma-links.ts'
import { checkStorage } from './checks/check-storage.ts'
import { checkSystemVersions } from './checks/check-system-versions.ts'
import { checkThunderbolt } from './checks/check-thunderbolt.ts'
import type { DoctorFacts } from './doctor-facts.ts'

/** Every check, in the order in which one would look: this machine, its cables, the network, the cluster, models, files. */
export function diagnose(facts: DoctorFacts): Check[] {
  const machines = facts.hardwareByNode.size > 0 ? [...facts.hardwareByNode.values()] : facts.self ? [facts.self] : []
  return [
    ...machines.flatMap(({ name, missing }) =>
      missing.map(({ source, reason }) =>
        checkOf('hardware', 'Hardware').unknown(sayFinding('hardware-missing', { source, machine: name, reason })),
      ),
    ),
    ...facts.missing.map(({ source, reason }) =>
      checkOf('looked-at', 'Data read').unknown(sayFinding('facts-missing', { source, reason })),
    ),
    ...machines.flatMap((machine) => checkThunderbolt(machine, machines)),
    ...checkSystemVersions(machines),
    ...checkRdmaLinks(facts),
    ...checkSealedPaths(facts),
    ...checkNetwork(facts),
    ...checkNarrowPaths(facts),
    ...checkExposure(facts),
    ...checkCluster(facts),
    ...checkInstances(facts),
    ...checkStorage(facts),
  ]
}
