import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Each way into this node, and who can take it. */
export function checkExposure({ exposure, hardwareByNode, self, cluster }: DoctorFacts): Check[] {
  if (!exposure) return []
  const own = (cluster && hardwareByNode.get(cluster.nodeId)) ?? self
  return [checkApi(exposure), checkOrigins(exposure), checkMembership(exposure), ...(own ? checkRdma(own.rdma, own.thunderboltPorts) : [])]
}

function checkApi({ apiHost, apiPort, asksForToken, namedTokens }: Exposure): Check {
  const check = checkOf('exposed-api', 'Who may call')
  const at = `${apiHost.includes(':') ? `[${apiHost}]` : apiHost}:${apiPort}`
  const named = namedTokens === 0 ? '' : `, ${namedTokens} of them named (exo tokens)`
  if (asksForToken) return check.ok(`those who hold a token${named}, at ${at}`)
  if (isLoopbackHost(apiHost)) return check.ok(`every program and user of this machine, without a token, at ${at}`)
  return check.problem(
    `everyone who reaches ${at}, without a token: they may read chats and change settings`,
    'start exo without --no-token, or with --host 127.0.0.1',
  )
}

function checkOrigins({ allowedOrigins }: Exposure): Check {
  const check = checkOf('exposed-origins', 'Web pages')
  if (allowedOrigins.includes('*')) return check.problem('every web page that this machine opens may call', 'name the origins that need it')
  if (allowedOrigins.length === 0) return check.ok("only the node's own dashboard may call")
  return check.warning(`pages of ${allowedOrigins.join(', ')} may call`, 'leave out those that need it no longer')
}

function checkMembership({ openCluster, peerPort }: Exposure): Check {
  const check = checkOf('exposed-cluster', 'Who may join')
  if (openCluster === null) return check.ok(`members of the cluster, at port ${peerPort}; others only when they are let in`)
  return check.warning(
    `cluster ${openCluster} is open: every exo on this network gets in, sees what is asked and answers`,
    'start exo without --open',
  )
}

function checkRdma(state: string, ports: readonly { readonly rdmaDevice: string | null }[]): Check[] {
  const devices = ports.flatMap(({ rdmaDevice }) => rdmaDevice ?? [])
  if (state !== 'enabled' || devices.length === 0) return []
  return [
    checkOf('exposed-rdma', 'RDMA').ok(
      `${devices.join(', ')}: trusted by its cable; the machine at its other end is believed, and nothing there is sealed`,
    ),
  ]
}
