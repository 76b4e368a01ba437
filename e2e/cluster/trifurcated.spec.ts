import { describe, expect, it } from 'vitest'
import { TrifurcatedAnswer } from '../../main/shared/wire/api/trifurcated.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { useReferenceCluster } from './lab/use-reference-cluster.ts'

describe('trifurcated inference on three nodes', () => {
  let nodes: ClusterNode[]
  let model: string

  useReferenceCluster(
    3,
    [],
    (formed) =>
      void ({
        nodes,
        reference: { model },
      } = formed),
  )

  it('runs each role on a node of its own, the second time on the same instances, and records all three', async () => {
    const [first, second] = nodes as [ClusterNode, ClusterNode, ClusterNode]
    const request = { model, messages: [{ role: 'user', content: 'Name three rivers.' }], seed: 7, temperature: 0.8, max_tokens: 16 }
    const ask = async (node: ClusterNode): Promise<TrifurcatedAnswer> => {
      const startedMs = performance.now()
      const { status, body } = await post(node.apiUrl, '/v1/trifurcated', request)
      expect(status, JSON.stringify(body)).toBe(200)
      reportFigure('a trifurcated answer over 3 nodes', (performance.now() - startedMs) / 1000, 's')
      return TrifurcatedAnswer.parse(body)
    }
    const answer = await ask(first)
    expect(answer.groups.map(({ role, trit, nodes: group, sharesWith }) => [role, trit, group.length, sharesWith])).toEqual([
      ['validator', -1, 1, []],
      ['main', 0, 1, []],
      ['speculative', 1, 1, []],
    ])
    expect(new Set(answer.groups.flatMap((group) => group.nodes))).toEqual(new Set(nodes.map(({ nodeId }) => nodeId)))

    const again = await ask(second)
    const instancesOf = ({ groups }: TrifurcatedAnswer): string[] => groups.map(({ instanceId }) => instanceId).sort()
    expect(instancesOf(again)).toEqual(instancesOf(answer))
    expect([again.response, again.speculative, again.validated]).toEqual([answer.response, answer.speculative, answer.validated])
    const ordinary = await post(first.apiUrl, '/v1/chat/completions', request)
    expect(ordinary.body.choices[0].message.content).toBe(answer.response)

    const { body: history } = await get(second.apiUrl, '/history?limit=10')
    const rows = history.inferences as { trit: number; instance: string }[]
    expect(rows.map(({ trit, instance }) => [trit, instance]).sort()).toEqual(
      again.groups.map(({ trit, instanceId }) => [trit, instanceId]).sort(),
    )
  })
})
