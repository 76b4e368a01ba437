import type { Clock } from '../../platform/clock.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { HubClient } from '../hub/hub-client.ts'
import type { HubManifest } from '../files/hub-file.ts'

/** How long a node with peers waits for the hub: without a network it should not hold up a load. */
const HUB_LIMIT_MS = 10_000

export interface ManifestSources {
  readonly client: Pick<HubClient, 'manifest'>
  readonly modelId: ModelId
  readonly commit: string
  /** What an earlier run took from a peer. */
  readonly known: HubManifest | null
  readonly clock: Clock
  fromPeers(signal: AbortSignal): Promise<HubManifest | null>
}

/**
 * The files of a model and their checksums: from the hub where it answers, else from a peer.
 *
 * @returns `isFromHub`: false where a peer's word is all there is
 * @throws what the hub says, where no peer has the model either
 */
export async function obtainManifest(
  { client, modelId, commit, known, clock, fromPeers }: ManifestSources,
  signal: AbortSignal,
): Promise<HubManifest & { readonly isFromHub: boolean }> {
  signal.throwIfAborted()
  const fallback = known ? Promise.resolve(known) : fromPeers(signal)
  const hub = client.manifest(modelId, commit, signal)
  // Awaited below, when the peers have answered.
  hub.catch(() => undefined)
  try {
    const manifest = (await fallback) ? await withinTime(() => hub, HUB_LIMIT_MS, hubIsLate, clock, signal) : await hub
    return { ...manifest, isFromHub: true }
  } catch (error) {
    signal.throwIfAborted()
    const peers = await fallback
    // A hub that answers that it has no such commit contradicts the peer.
    if (!peers || errorCode(error) === 'hub-revision-not-found') throw error
    return { ...peers, isFromHub: false }
  }
}

function hubIsLate(): AppError {
  return new AppError('hub-unreachable', 'The hub did not answer in time. Check the network.')
}
