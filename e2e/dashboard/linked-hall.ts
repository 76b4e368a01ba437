import { ClusterView } from '../../main/shared/cluster-view.ts'

const GB = 1e9

/** The state of a cluster in which each machine is linked to each other, as its leader tells it. */
export function linkedHall(count: number): ClusterView {
  const numbers = Array.from({ length: count }, (_, index) => index)
  return ClusterView.parse({
    nodeId: 'n0',
    clusterName: 'hall',
    leader: { nodeId: 'n0', term: 1 },
    nodes: Object.fromEntries(
      numbers.map((number) => [
        `n${number}`,
        {
          name: `studio-${number}`,
          platform: 'darwin',
          chip: 'Apple M3 Ultra',
          totalBytes: 512 * GB,
          availableBytes: 400 * GB,
          addresses: [`10.0.0.${number}`],
          apiPort: 8080,
          version: '0.1.0',
          status: 'follower',
        },
      ]),
    ),
    links: numbers.flatMap((from) =>
      numbers
        .filter((to) => to !== from)
        .map((to) => ({
          from: `n${from}`,
          to: `n${to}`,
          kind: 'tcp',
          address: `10.0.0.${to}`,
          roundTripMs: 0.3 + from / 10 + to / 100,
        })),
    ),
    instances: {},
    downloads: [],
  })
}
