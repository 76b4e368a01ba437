import type { InstanceView } from '../../../main/shared/cluster-view.ts'
import { get, post } from '../../node/call-api.ts'
import { type ClusterNode } from './cluster-node.ts'
import { whenAll } from './cluster.ts'

export type PlacedInstance = InstanceView & { readonly instanceId: string }

/** Places a model and waits until it is ready. Rejects with the API's error if it cannot be placed. */
export async function place(
  node: ClusterNode,
  model: string,
  options: { readonly sharding?: 'pipeline' | 'tensor'; readonly min_nodes?: number } = {},
  limitMs = 60_000,
): Promise<PlacedInstance> {
  const { status, body } = await post(node.apiUrl, '/place_instance', { model_id: model, ...options })
  if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body)}`)
  return whenReady(node, body.instanceId, limitMs)
}

export async function whenReady(node: ClusterNode, instanceId: string, limitMs = 60_000): Promise<PlacedInstance> {
  const { views } = await whenAll(
    [node],
    `instance ${instanceId} ready`,
    ([view]) => ['ready', 'failed'].includes(view?.instances[instanceId as never]?.status ?? ''),
    limitMs,
  )
  const instance = views[0]?.instances[instanceId as never] as InstanceView
  if (instance.status !== 'ready') throw new Error(`instance ${instanceId} is ${instance.status}: ${instance.reasons?.join(' ')}`)
  return { instanceId, ...instance }
}

export async function remove(node: ClusterNode, instanceId: string): Promise<void> {
  const response = await fetch(`${node.apiUrl}/instance/${instanceId}`, { method: 'DELETE' })
  if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`)
  await whenAll([node], `instance ${instanceId} gone`, ([view]) => view?.instances[instanceId as never] === undefined)
}

/** The id of the node's only model. */
export async function onlyModel(node: ClusterNode): Promise<string> {
  const { body } = await get(node.apiUrl, '/v1/models')
  if (body.data.length !== 1) throw new Error(`not one model: ${JSON.stringify(body)}`)
  return body.data[0].id as string
}
