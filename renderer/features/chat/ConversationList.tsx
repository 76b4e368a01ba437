import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useServices } from '../../services/services.ts'
import { Icon } from '../../ui/Icon.tsx'
import { chatStrings } from './strings.ts'
import { selectConversationIds, useChatStore } from './conversation/chat-store.ts'

export interface ConversationListProps {
  readonly onNew: () => void
  readonly onSelect: () => void
}

export function ConversationList({ onNew, onSelect }: ConversationListProps): ReactNode {
  const ids = useChatStore(useShallow(selectConversationIds))
  const storageError = useChatStore((state) => state.storageError)
  return (
    <aside className="conversations" aria-label={chatStrings.conversations}>
      <button type="button" className="button button-wide" onClick={onNew}>
        <Icon name="plus" />
        {chatStrings.newConversation}
      </button>
      {storageError !== null && <p className="note note-warning">{chatStrings.notKept}</p>}
      {ids.length === 0 ? (
        <p className="muted small">{chatStrings.noConversations}</p>
      ) : (
        <ul>
          {ids.map((id) => (
            <ConversationRow key={id} conversationId={id} onSelect={onSelect} />
          ))}
        </ul>
      )}
    </aside>
  )
}

function ConversationRow({ conversationId, onSelect }: { readonly conversationId: string; readonly onSelect: () => void }): ReactNode {
  const { chat } = useServices()
  const title = useChatStore((state) => state.conversations[conversationId]?.title ?? '')
  const isActive = useChatStore((state) => state.activeId === conversationId)
  const isStreaming = useChatStore((state) => state.conversations[conversationId]?.messages.at(-1)?.status === 'streaming')
  const select = (): void => {
    chat.select(conversationId)
    onSelect()
  }
  return (
    <li data-active={isActive}>
      <button type="button" className="conversation-title" aria-current={isActive ? 'true' : undefined} onClick={select}>
        {isStreaming && <span className="dot dot-busy" />}
        {title}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={chatStrings.removeConversation(title)}
        onClick={() => chat.remove(conversationId)}
      >
        <Icon name="trash" />
      </button>
    </li>
  )
}
