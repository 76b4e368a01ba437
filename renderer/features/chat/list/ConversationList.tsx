import { type ReactNode, useEffect, useState } from 'react'
import { useServices } from '../../../services/services.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { chatStrings } from '../strings.ts'
import { groupByDate } from '../conversation/group-by-date.ts'
import { useChatStore } from '../conversation/chat-store.ts'
import { ConversationRow } from './ConversationRow.tsx'
import { useFoundChats } from './use-found-chats.ts'

export interface ConversationListProps {
  readonly onNew: () => void
  readonly onSelect: () => void
}

export function ConversationList({ onNew, onSelect }: ConversationListProps): ReactNode {
  const listed = useChatStore((state) => state.listed)
  const damaged = useChatStore((state) => state.damaged)
  const [search, setSearch] = useState('')
  const found = useFoundChats(search.trim(), listed)
  const groups = groupByDate(found ?? listed ?? [], new Date().setHours(0, 0, 0, 0))
  return (
    <aside className="conversations" aria-label={chatStrings.conversations}>
      <div className="conversations-head">
        <button type="button" className="button button-wide" onClick={onNew}>
          <Icon name="plus" />
          {chatStrings.newConversation}
        </button>
        {listed !== null && listed.length > 0 && (
          <input
            type="search"
            className="input"
            aria-label={chatStrings.search}
            placeholder={chatStrings.search}
            maxLength={200}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
      </div>
      {damaged > 0 && <p className="note note-warning">{chatStrings.damaged(damaged)}</p>}
      {listed?.length === 0 && <p className="muted small">{chatStrings.noConversations}</p>}
      {found?.length === 0 && <p className="muted small">{chatStrings.nothingFound}</p>}
      {groups.map(({ age, chats }) => (
        <section key={age} aria-label={chatStrings.ages[age]}>
          <h2>{chatStrings.ages[age]}</h2>
          <ul>
            {chats.map((chat) => (
              <ConversationRow key={chat.id} chat={chat} onSelect={onSelect} />
            ))}
          </ul>
        </section>
      ))}
      <RemovedChat />
    </aside>
  )
}

const UNDO_MS = 10_000

/** Offers to undo the last deletion for a while. */
function RemovedChat(): ReactNode {
  const { chat } = useServices()
  const removed = useChatStore((state) => state.removed)
  useEffect(() => {
    if (!removed) return
    const timer = setTimeout(() => chat.forgetRemoved(), UNDO_MS)
    return () => clearTimeout(timer)
  }, [chat, removed])
  if (!removed) return null
  return (
    <div className="note undo-note" role="status">
      <span>{chatStrings.removed(removed.title)}</span>
      <button type="button" className="button button-small" onClick={() => chat.undoRemove()}>
        {chatStrings.undo}
      </button>
    </div>
  )
}
