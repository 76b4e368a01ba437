import type { Clock } from '../../platform/clock.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { HubClient } from '../hub/hub-client.ts'
import type { HubManifest } from '../files/hub-file.ts'

/** How long a node that has peers waits for the hub: a missing network must not delay a load. */
const HUB_LIMIT_MS = 10_000

export interface ManifestSources {
  readonly client: Pick<HubClient, 'manifest'>
  readonly modelId: ModelId
  readonly commit: string
  /** The manifest that an earlier run got from a peer. */
  readonly known: HubManifest | null
  readonly clock: Clock
  fromPeers(signal: AbortSignal): Promise<HubManifest | null>
}

/**
 * The files of a model and their checksums, from the hub if it answers, or else from a peer.
 *
 * @returns `isFromHub`: false if only a peer vouches for the files
 * @throws the hub's error if no peer has the model either
 */
export async function obtainManifest(
  { client, modelId, commit, known, clock, fromPeers }: ManifestSources,
  signal: AbortSignal,
): Promise<HubManifest & { readonly isFromHub: boolean }> {
  signal.throwIfAborted()
  const fallback = known ? Promise.resolve(known) : fromPeers(signal)
  const hub = client.manifest(modelId, commit, signal)
  // Awaited below, once the peers have answered.
  hub.catch(() => undefined)
  try {
    const manifest = (await fallback) ? await withinTime(() => hub, HUB_LIMIT_MS, hubIsLate, clock, signal) : await hub
    return { ...manifest, isFromHub: true }
  } catch (error) {
    signal.throwIfAborted()
    const peers = await fallback
    // If the hub answers that the commit does not exist, it contradicts the peer.
    if (!peers || errorCode(error) === 'hub-revision-not-found') throw error
    return { ...peers, isFromHub: false }
  }
}

function hubIsLate(): AppError {
  return new AppError('hub-unreachable', 'The hub did not answer in time. Check the network.')
}
