import { sayFinding, sayPart } from '../../shared/doctor/say-finding.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Certificates and time limits of the links tolerate this much. */
const SKEW_WARNING_MS = 5_000
const SKEW_PROBLEM_MS = 60_000

/** Checks admission, and whether the nodes agree on their identities and on the time. */
export function checkCluster(facts: DoctorFacts): Check[] {
  return facts.cluster
    ? [
        ...checkIdentity(facts),
        ...checkAdmission(facts.cluster),
        checkVersions(facts, facts.cluster.nodes),
        ...checkClocks(facts, facts.cluster.nodes),
      ]
    : []
}

/** Two machines with the same identity, after cloning a disk or migrating a Mac: the other nodes cannot tell them apart. */
function checkIdentity({ sameIdentity }: DoctorFacts): Check[] {
  const [found] = [...sameIdentity].sort((a, b) => Number(b.isClone) - Number(a.isClone))
  if (!found) return []
  const finding = found.isClone
    ? sayFinding('identity-clone', { machine: found.name, address: found.address.replace(/:\d+$/, '') })
    : sayFinding('identity-refused', { machine: found.name })
  return [checkOf('identity', 'Identity').problem(finding, sayFinding('identity-fix'))]
}

type Nodes = NonNullable<DoctorFacts['cluster']>['nodes']

function checkAdmission({ clusterName, admission }: NonNullable<DoctorFacts['cluster']>): Check[] {
  if (!admission) return []
  const check = checkOf('admission', 'Admission')
  const { mode, members, waiting } = admission
  if (mode === 'open') return [] // reported by the exposure check
  if (mode === 'key') return [check.ok(sayFinding('admission-key', { cluster: clusterName }))]
  const wanting = waiting.filter(({ waitsFor }) => waitsFor === 'this-side').map(({ name }) => name)
  const finding =
    members.length === 1
      ? sayPart('admission-one', { cluster: clusterName })
      : sayPart('admission-closed', { cluster: clusterName, count: members.length })
  return [
    wanting.length === 0
      ? check.ok(finding)
      : check.warning(
          sayFinding('admission-waiting', {
            parts: [finding, sayPart(wanting.length === 1 ? 'admission-wants' : 'admission-want', { machines: wanting.join(', ') })],
          }),
          sayFinding('admission-fix'),
        ),
  ]
}

function checkVersions({ version }: DoctorFacts, nodes: Nodes): Check {
  const check = checkOf('versions', 'Versions')
  const all = Object.values(nodes)
  const versions = [...new Set([version, ...all.map((node) => node.version)])]
  if (versions.length === 1) return check.ok(sayFinding('versions-good', { version }))
  const others = all
    .filter((node) => node.version !== version)
    .map((node) => sayPart('versions-other', { machine: node.name, version: node.version }))
  return check.problem(sayFinding('versions-differ', { version, others }), sayFinding('versions-fix'))
}

function checkClocks({ clockSkewMs }: DoctorFacts, nodes: Nodes): Check[] {
  const check = checkOf('clock', 'Clock')
  if (Object.keys(nodes).length < 2) return []
  if (clockSkewMs.size === 0) return [check.unknown(sayFinding('clock-unknown'))]
  const skews = [...clockSkewMs].map(([nodeId, skewMs]) => ({ name: nodes[nodeId]?.name ?? nodeId, skewMs }))
  const worstMs = Math.max(...skews.map(({ skewMs }) => Math.abs(skewMs)))
  const secondsOf = (skewMs: number): string => `${(Math.abs(skewMs) / 1000).toFixed(1)} s`
  const skewed = skews
    .filter(({ skewMs }) => Math.abs(skewMs) > SKEW_WARNING_MS)
    .map(({ name, skewMs }) => sayPart(skewMs > 0 ? 'clock-ahead' : 'clock-behind', { machine: name, time: secondsOf(skewMs) }))
  const finding = sayFinding('clock-skewed', { skewed })
  const fix = sayFinding('clock-fix')
  if (worstMs > SKEW_PROBLEM_MS) return [check.problem(finding, fix)]
  return worstMs > SKEW_WARNING_MS ? [check.warning(finding, fix)] : [check.ok(sayFinding('clock-good', { time: secondsOf(worstMs) }))]
}
