import type { ReactNode } from 'react'
import { useServices } from '../../services/services.ts'
import { Icon } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import { useChatStore } from './conversation/chat-store.ts'

/** Why the last action of the chat failed, until the user has read it. */
export function ChatError(): ReactNode {
  const { chat } = useServices()
  const error = useChatStore((state) => state.error)
  if (error === null) return null
  return (
    <div className="note note-danger chat-error" role="alert">
      <span>{error}</span>
      <button type="button" className="icon-button" aria-label={strings.common.close} onClick={() => chat.dismissError()}>
        <Icon name="close" />
      </button>
    </div>
  )
}
