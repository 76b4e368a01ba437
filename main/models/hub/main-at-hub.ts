import type { Clock } from '../../platform/clock.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { HubClient } from './hub-client.ts'

const LIMIT_MS = 10_000

/** The commit that is `main` at the hub now; null: the hub does not answer. @throws the reason of `signal` */
export async function mainAtHub(
  client: Pick<HubClient, 'commitOf'>,
  modelId: ModelId,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | null> {
  const late = (): AppError => new AppError('hub-unreachable', 'The hub did not answer in time. Check the network.')
  try {
    return await withinTime((inTime) => client.commitOf(modelId, MAIN_REVISION, inTime), LIMIT_MS, late, clock, signal)
  } catch {
    signal.throwIfAborted()
    return null // the files are complete without an answer
  }
}
