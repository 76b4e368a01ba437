import { ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import { type Resource, useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'

/** The presets of this node. Asked for again when the node reconnects. */
export function useChatPresets(): Resource<ChatPresets> {
  return useResource(
    '/chats/presets',
    ChatPresets,
    useClusterStore(({ connection }) => connection),
  )
}
