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
    ? `another machine, ${found.name} at ${found.address.replace(/:\d+$/, '')}, has the same identity`
    : `another machine has the same identity: ${found.name} is linked to it and refuses this machine`
  return [checkOf('identity', 'Identity').problem(finding, 'stop exo on one of the two and run: exo identity new')]
}

type Nodes = NonNullable<DoctorFacts['cluster']>['nodes']

function checkAdmission({ clusterName, admission }: NonNullable<DoctorFacts['cluster']>): Check[] {
  if (!admission) return []
  const check = checkOf('admission', 'Admission')
  const { mode, members, waiting } = admission
  if (mode === 'open') return [] // reported by the exposure check
  if (mode === 'key') return [check.ok(`cluster ${clusterName} has a key: machines that have it can join`)]
  const wanting = waiting.filter(({ waitsFor }) => waitsFor === 'this-side').map(({ name }) => name)
  const finding = `cluster ${clusterName} is closed: this machine and ${members.length === 1 ? '1 other' : `${members.length} others`}`
  return [
    wanting.length === 0
      ? check.ok(finding)
      : check.warning(
          `${finding}; ${wanting.join(', ')} ${wanting.length === 1 ? 'wants' : 'want'} to join`,
          'list them with exo members and admit one with exo admit NAME',
        ),
  ]
}

function checkVersions({ version }: DoctorFacts, nodes: Nodes): Check {
  const check = checkOf('versions', 'Versions')
  const all = Object.values(nodes)
  const versions = [...new Set([version, ...all.map((node) => node.version)])]
  if (versions.length === 1) return check.ok(`all run exo ${version}`)
  const others = all.filter((node) => node.version !== version).map((node) => `${node.name} runs ${node.version}`)
  return check.problem(`this is exo ${version}, but ${others.join(', ')}`, 'update all machines to the same version')
}

function checkClocks({ clockSkewMs }: DoctorFacts, nodes: Nodes): Check[] {
  const check = checkOf('clock', 'Clock')
  if (Object.keys(nodes).length < 2) return []
  if (clockSkewMs.size === 0) return [check.unknown('peer clocks not compared')]
  const skews = [...clockSkewMs].map(([nodeId, skewMs]) => ({ name: nodes[nodeId]?.name ?? nodeId, skewMs }))
  const worstMs = Math.max(...skews.map(({ skewMs }) => Math.abs(skewMs)))
  const finding = skews
    .filter(({ skewMs }) => Math.abs(skewMs) > SKEW_WARNING_MS)
    .map(({ name, skewMs }) => `${name} is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead' : 'behind'}`)
    .join(', ')
  const fix = 'Turn on System Settings > General > Date & Time > Set time automatically (on Linux: timedatectl set-ntp true)'
  if (worstMs > SKEW_PROBLEM_MS) return [check.problem(finding, fix)]
  return worstMs > SKEW_WARNING_MS ? [check.warning(finding, fix)] : [check.ok(`within ${(worstMs / 1000).toFixed(1)} s of each other`)]
}
