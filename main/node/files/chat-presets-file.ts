import { join } from 'node:path'
import type { ChatPresetsPort } from '../../api/chats/chat-presets-port.ts'
import type { DiskWatch } from '../../platform/files/durable-file.ts'
import { RereadFile } from '../../platform/files/reread-file.ts'
import { ChatPresets, NO_PRESETS } from '../../shared/chats/chat-presets.ts'

/** The presets of the dashboard's chats, in the data folder. */
export function openChatPresets(dataDir: string, watch?: DiskWatch): ChatPresetsPort {
  const file = new RereadFile<ChatPresets, ChatPresets>(
    {
      path: join(dataDir, 'chat-presets.json'),
      parse: (text) => ChatPresets.parse(JSON.parse(text)),
      format: (presets) => `${JSON.stringify(presets, null, 2)}\n`,
      watch,
    },
    (kept) => kept ?? NO_PRESETS,
  )
  return { all: () => file.current(), change: (next) => file.change((kept) => next(kept ?? NO_PRESETS)) }
}
