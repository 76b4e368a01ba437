import type { TokensPort } from '../../api/api-dependencies.ts'
import { type NodeIdentity, openIdentity } from '../../cluster/identity/open-identity.ts'
import { keepTrying } from '../../platform/waiting/keep-trying.ts'
import type { ChatFilesPort } from '../../api/chats/chat-book.ts'
import type { ChatPresetsPort } from '../../api/chats/chat-presets-port.ts'
import { apiExposure, type ApiExposure } from '../config/api-exposure.ts'
import { openApiTokens } from '../files/api-tokens.ts'
import { openChatPresets } from '../files/chat-presets-file.ts'
import { openChatFiles } from '../files/chat-files.ts'
import { openSettings, type SettingsStore } from '../files/node-settings.ts'
import { ownApiToken } from '../files/own-api-token.ts'
import { ownNodeKey } from '../files/own-node-key.ts'
import { DISK_RETRY_MS, type NodeSurroundings } from './node-surroundings.ts'

/** This node's identity, settings and tokens. */
export interface NodeFiles {
  readonly identity: NodeIdentity
  readonly settings: SettingsStore
  readonly tokens: TokensPort
  readonly chats: ChatFilesPort
  readonly chatPresets: ChatPresetsPort
  readonly exposure: ApiExposure
  /** null: the API requires none. */
  readonly apiToken: string | null
  readonly ownKey: string
}

/** @throws AppError `identity-damaged` | … */
export async function openNodeFiles({ config, clock, random, log, disk }: NodeSurroundings, signal: AbortSignal): Promise<NodeFiles> {
  const identity = await openIdentity(config.dataDir, { log, random, disk })
  if (identity.keep) void keepTrying(identity.keep, DISK_RETRY_MS, clock, signal)
  const settings = await openSettings(config.dataDir, disk)
  const exposure = apiExposure(config, settings.current().machine)
  return {
    identity,
    settings,
    exposure,
    tokens: await openApiTokens(config.dataDir, { random, clock, disk }),
    chats: openChatFiles(config.dataDir, { random, log, disk }),
    chatPresets: openChatPresets(config.dataDir, disk),
    apiToken: await ownApiToken({ ...config, host: exposure.host }, random, log, disk),
    ownKey: await ownNodeKey(config.dataDir, random, log),
  }
}
