import { isLoopbackHost } from '../../shared/is-loopback-host.ts'
import type { Exposure } from '../../shared/wire/api/exposure.ts'
import { sayFinding } from '../../shared/doctor/say-finding.ts'
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
  if (asksForToken)
    return check.ok(namedTokens === 0 ? sayFinding('api-token', { at }) : sayFinding('api-tokens', { count: namedTokens, at }))
  if (isLoopbackHost(apiHost)) return check.ok(sayFinding('api-loopback', { at }))
  return check.problem(sayFinding('api-open', { at }), sayFinding('api-open-fix'))
}

function checkOrigins({ allowedOrigins }: Exposure): Check {
  const check = checkOf('exposed-origins', 'Web pages')
  if (allowedOrigins.includes('*')) return check.problem(sayFinding('origins-all'), sayFinding('origins-all-fix'))
  if (allowedOrigins.length === 0) return check.ok(sayFinding('origins-none'))
  return check.warning(sayFinding('origins-some', { origins: allowedOrigins.join(', ') }), sayFinding('origins-some-fix'))
}

function checkMembership({ openCluster, peerPort }: Exposure): Check {
  const check = checkOf('exposed-cluster', 'Cluster access')
  if (openCluster === null) return check.ok(sayFinding('cluster-closed', { port: peerPort }))
  return check.warning(sayFinding('cluster-open', { cluster: openCluster }), sayFinding('cluster-open-fix'))
}

function checkRdma(state: string, ports: readonly { readonly rdmaDevice: string | null }[]): Check[] {
  const devices = ports.flatMap(({ rdmaDevice }) => rdmaDevice ?? [])
  if (state !== 'enabled' || devices.length === 0) return []
  return [checkOf('exposed-rdma', 'RDMA').ok(sayFinding('rdma-trusted', { devices: devices.join(', ') }))]
}
