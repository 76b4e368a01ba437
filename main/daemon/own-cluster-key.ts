import type { Random } from '../platform/random.ts'
import type { SettingsStore } from './node-settings.ts'

/** The key of this machine's own cluster: random, so that nobody gets in to whom it was not given; kept for the next start. */
export async function ownClusterKey(settings: SettingsStore, random: Pick<Random, 'bytes'>, log: { warn(message: string, fields: Record<string, unknown>): void }): Promise<string> {
  const kept = settings.current().ownClusterKey
  if (kept !== null) return kept
  const made = Buffer.from(random.bytes(32)).toString('hex')
  // A full disk is no reason not to start: the key then lasts as long as this run.
  await settings.change({ ownClusterKey: made }).catch((error: unknown) => log.warn("the key of this machine's own cluster could not be kept", { error }))
  return made
}
