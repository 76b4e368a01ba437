import { afterAll, beforeAll } from 'vitest'
import type { Question } from './ask.ts'
import type { ClusterNode } from './cluster-node.ts'
import { Cluster, whenFormed } from './cluster.ts'
import { type Reference, clusterReferenceAnswers } from './reference.ts'

/** Provides all tests of a `describe` with a cluster of hosts 1 to `hostCount` and a single node's answers to `questions`. */
export function useReferenceCluster(
  hostCount: number,
  questions: readonly Question[],
  use: (formed: { nodes: ClusterNode[]; reference: Reference }) => void,
): void {
  let cluster: Cluster | undefined
  beforeAll(async () => {
    const hosts = Array.from({ length: hostCount }, (_, index) => index + 1)
    cluster = await Cluster.create(hostCount)
    const reference = await clusterReferenceAnswers(cluster, hosts, questions)
    const nodes = await cluster.startAll(hosts, { arguments: ['--no-default-model'] })
    await whenFormed(nodes)
    use({ nodes, reference })
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
  })
}
