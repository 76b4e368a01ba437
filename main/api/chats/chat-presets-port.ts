import type { ChatPresets } from '../../shared/chats/chat-presets.ts'

/** Stores the presets of this node's chats. */
export interface ChatPresetsPort {
  all(): Promise<ChatPresets>
  /** Reads, changes and writes as one operation. `next` may throw to leave them as they are. */
  change(next: (kept: ChatPresets) => ChatPresets): Promise<unknown>
}
