import type { ChosenSettings } from '../../shared/wire/api/node-settings.ts'
import type { NodeConfig } from './node-config.ts'

const LOOPBACK = '127.0.0.1'
const ALL_ADDRESSES = '0.0.0.0'

/** Where the API listens. */
export interface ApiExposure {
  readonly host: string
  /** The user's setting puts it on the network: other devices need a token, programs on this machine do not. */
  readonly isBySetting: boolean
}

/** A host that is given at the start overrides the setting. Without tokens, the setting puts nothing on the network. */
export function apiExposure(
  { host, asksForToken }: Pick<NodeConfig, 'host' | 'asksForToken'>,
  { isOnNetwork }: Pick<ChosenSettings, 'isOnNetwork'>,
): ApiExposure {
  const isBySetting = host === null && isOnNetwork === true && asksForToken
  return { host: host ?? (isBySetting ? ALL_ADDRESSES : LOOPBACK), isBySetting }
}
