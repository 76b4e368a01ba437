import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import { type Check, checkOf } from '../check.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

/** Checks each way into this node and who can use it. */
export function checkExposure({ exposure, hardwareByNode, self, cluster }: DoctorFacts): Check[] {
  if (!exposure) return []
  const own = (cluster && hardwareByNode.get(cluster.nodeId)) ?? self
  return [checkApi(exposure), checkOrigins(exposure), checkMembership(exposure), ...(own ? checkRdma(own.rdma, own.thunderboltPorts) : [])]
}

function checkApi({ apiHost, apiPort, asksForToken, namedTokens }: Exposure): Check {
  const check = checkOf('exposed-api', 'API access')
  const at = `${apiHost.includes(':') ? `[${apiHost}]` : apiHost}:${apiPort}`
  const named = namedTokens === 0 ? '' : `, ${namedTokens} of them named (exo tokens)`
  if (asksForToken) return check.ok(`clients with a token${named}, at ${at}`)
  if (isLoopbackHost(apiHost)) return check.ok(`every program and user of this machine, without a token, at ${at}`)
  return check.problem(
    `anyone who can reach ${at}, without a token: they can read chats and change settings`,
    'start exo without --no-token, or with --host 127.0.0.1',
  )
}

function checkOrigins({ allowedOrigins }: Exposure): Check {
  const check = checkOf('exposed-origins', 'Web pages')
  if (allowedOrigins.includes('*'))
    return check.problem('every web page opened on this machine can call the API', 'allow only the origins that need it')
  if (allowedOrigins.length === 0) return check.ok("only the node's own dashboard can call the API")
  return check.warning(`pages of ${allowedOrigins.join(', ')} can call the API`, 'remove origins that no longer need it')
}

function checkMembership({ openCluster, peerPort }: Exposure): Check {
  const check = checkOf('exposed-cluster', 'Cluster access')
  if (openCluster === null) return check.ok(`cluster members, at port ${peerPort}; other machines only once admitted`)
  return check.warning(
    `cluster ${openCluster} is open: any exo on this network can join, read prompts and write answers`,
    'start exo without --open',
  )
}

function checkRdma(state: string, ports: readonly { readonly rdmaDevice: string | null }[]): Check[] {
  const devices = ports.flatMap(({ rdmaDevice }) => rdmaDevice ?? [])
  if (state !== 'enabled' || devices.length === 0) return []
  return [checkOf('exposed-rdma', 'RDMA').ok(`${devices.join(', ')}: trusted because it is a direct cable; the traffic is not encrypted`)]
}
