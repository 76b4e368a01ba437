import { z } from 'zod'
import type { TrialNode } from '../diagnostics/trial/trial-node.ts'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import { ClusterView, InstanceView } from '../shared/cluster-view.ts'
import { parseSaid } from '../shared/wire/peer/parse-tolerantly.ts'
import type { NodeClient } from './node-client.ts'

const POLL_MS = 250

const Completion = z.object({
  choices: z.array(z.object({ text: z.string() })).min(1),
  usage: z.object({
    prompt_tokens: z.number(),
    prompt_tokens_details: z.object({ cached_tokens: z.number() }).optional(),
  }),
  timings: z.object({ prefill_tokens_per_second: z.number(), decode_tokens_per_second: z.number() }),
})
/** A way that is not possible has an error and no shards. */
const Previews = z.object({
  previews: z.array(
    z.object({
      strategy: InstanceView.shape.strategy,
      backend: InstanceView.shape.backend,
      shards: z.array(z.unknown()).optional(),
    }),
  ),
})
const Placed = z.object({ instanceId: z.string() })

/** A running node for the trial of `exo doctor --full`. */
export function createTrialNode(client: NodeClient, clock: Pick<Clock, 'sleep'>): TrialNode {
  const view = async (): Promise<ClusterView> => parseSaid(ClusterView, await client.get('/state'))
  async function becomesReady(instanceId: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const instance = (await view()).instances[instanceId as keyof ClusterView['instances']]
      if (instance?.status === 'ready') return
      if (instance?.status === 'failed')
        throw new AppError('instance-failed', instance.reasons?.join(' ') ?? 'The model could not be loaded.')
      await clock.sleep(POLL_MS, signal)
    }
  }
  return {
    view,
    async complete(modelId, prompt, maxTokens) {
      const body = { model: modelId, prompt, max_tokens: maxTokens, temperature: 0, ignore_eos: true }
      const { choices, usage, timings } = Completion.parse(await client.post('/v1/completions', body))
      return {
        text: choices.map(({ text }) => text).join(''),
        promptTokens: usage.prompt_tokens,
        cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
        prefillTokensPerSecond: timings.prefill_tokens_per_second,
        decodeTokensPerSecond: timings.decode_tokens_per_second,
      }
    },
    async splits(modelId) {
      const { previews } = Previews.parse(await client.get(`/instance/previews?model_id=${encodeURIComponent(modelId)}`))
      return previews.flatMap(({ strategy, backend, shards = [] }) =>
        shards.length > 1 ? [{ strategy, backend, nodes: shards.length }] : [],
      )
    },
    async load(modelId, { strategy, backend, nodes }, signal) {
      const request = { model_id: modelId, sharding: strategy, backend, min_nodes: nodes }
      await becomesReady(Placed.parse(await client.post('/place_instance', request)).instanceId, signal)
    },
    async unload(modelId, signal) {
      const loaded = async (): Promise<string[]> =>
        Object.entries((await view()).instances).flatMap(([instanceId, instance]) => (instance.modelId === modelId ? [instanceId] : []))
      for (const instanceId of await loaded()) await client.delete(`/instance/${encodeURIComponent(instanceId)}`)
      while ((await loaded()).length > 0) await clock.sleep(POLL_MS, signal)
    },
  }
}
