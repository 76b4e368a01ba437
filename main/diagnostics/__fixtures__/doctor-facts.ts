import { type MacLayout, macLayouts, studio } from '../../domain/mac/__fixtures__/mac-layouts.ts'
import { RecordedHardware, recordedHardwareFacts } from '../../domain/mac/recorded-hardware.ts'
import { ClusterView, type InstanceView, type LinkView } from '../../shared/cluster-view.ts'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { NodeId } from '../../shared/ids.ts'
import type { DoctorFacts } from '../doctor-facts.ts'

export const nodeIdOf = (number: number): NodeId => NodeId.parse(studio(number))

export const doctorHardware = (layout: MacLayout): Map<NodeId, HardwareFacts> =>
  new Map(macLayouts[layout].map((recorded) => [NodeId.parse(recorded.name), recordedHardwareFacts(RecordedHardware.parse(recorded))]))

/** A healthy cluster of the Macs of a layout, seen from studio-1. */
export function clusterOf(
  hardware: ReadonlyMap<NodeId, HardwareFacts>,
  fields: { instances?: Record<string, InstanceView>; links?: LinkView[] } = {},
): ClusterView {
  const nodes = [...hardware].map(([nodeId, { name, platform, chip, totalBytes, availableBytes }]) => [
    nodeId,
    { name, platform, chip, totalBytes, availableBytes, addresses: [], apiPort: 8080, version: '0.1.0', status: 'follower' },
  ])
  return ClusterView.parse({
    nodeId: studio(1),
    clusterName: 'desk',
    leader: { nodeId: studio(1), term: 3 },
    nodes: Object.fromEntries(nodes) as unknown,
    links: fields.links ?? [],
    instances: fields.instances ?? {},
    downloads: [],
  })
}

/** All well on studio-1, with no node running. */
export function healthyFacts(layout: MacLayout, fields: Partial<DoctorFacts> = {}): DoctorFacts {
  return {
    version: '0.1.0',
    self: doctorHardware(layout).get(nodeIdOf(1)) ?? null,
    cluster: null,
    hardwareByNode: new Map(),
    clockSkewMs: new Map(),
    exposure: null,
    sameIdentity: [],
    discoveredPeers: 1,
    ports: [{ name: 'api', port: 8080, use: 'free' }],
    identityFile: { path: '/home/a/.exo/identity.pem', mode: 0o100600 },
    dataDir: { path: '/home/a/.exo', isWritable: true },
    modelDisk: { path: '/home/a/.exo/models', freeBytes: 500e9, totalBytes: 1000e9 },
    storedModels: [{ modelId: 'org/good', problem: null }],
    firewall: 'off',
    multicast: [{ interfaceName: 'en0', errorCode: null }],
    missing: [],
    ...fields,
  }
}

export function healthyCluster(layout: MacLayout, fields: Partial<DoctorFacts> = {}): DoctorFacts {
  const hardwareByNode = doctorHardware(layout)
  return healthyFacts(layout, {
    cluster: clusterOf(hardwareByNode),
    hardwareByNode,
    clockSkewMs: new Map([...hardwareByNode.keys()].slice(1).map((nodeId) => [nodeId, 40])),
    ports: [{ name: 'api', port: 8080, use: 'ours' }],
    ...fields,
  })
}
