import { DropdownMenu } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { addressOfChat, goToChat } from '../../../services/chat-address.ts'
import { useServices } from '../../../services/services.ts'
import { Icon } from '../../../ui/Icon.tsx'
import { chatStrings } from '../strings.ts'
import { type ListedChat, useChatStore } from '../conversation/chat-store.ts'

export interface ConversationRowProps {
  readonly chat: ListedChat
  readonly onSelect: () => void
}

export function ConversationRow({ chat, onSelect }: ConversationRowProps): ReactNode {
  const controller = useServices().chat
  const { id, title, isPinned, isAnswering, excerpt } = chat
  const isActive = useChatStore((state) => state.activeId === id)
  const [isRenaming, setIsRenaming] = useState(false)
  const shown = title === '' ? chatStrings.untitled : title
  const remove = (): void => {
    controller.remove(id)
    if (isActive) goToChat(null)
  }
  if (isRenaming) return <TitleEditor chat={chat} onEnd={() => setIsRenaming(false)} />
  return (
    <li data-active={isActive}>
      <a
        className="conversation-title"
        href={addressOfChat(id)}
        aria-current={isActive ? 'true' : undefined}
        title={shown}
        onClick={onSelect}
      >
        {isAnswering && <span className="dot dot-busy" />}
        {shown}
        {excerpt && <span className="excerpt">{excerpt}</span>}
      </a>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="icon-button" aria-label={chatStrings.actionsOf(shown)}>
          <Icon name="more" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" onCloseAutoFocus={(event) => isRenaming && event.preventDefault()}>
            <DropdownMenu.Item className="menu-item" onSelect={() => setIsRenaming(true)}>
              <Icon name="edit" />
              {chatStrings.rename}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item" onSelect={() => controller.change(id, { isPinned: !isPinned })}>
              <Icon name="pin" />
              {isPinned ? chatStrings.unpin : chatStrings.pin}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item menu-danger" onSelect={remove}>
              <Icon name="trash" />
              {chatStrings.remove}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  )
}

function TitleEditor({ chat: { id, title }, onEnd }: { readonly chat: ListedChat; readonly onEnd: () => void }): ReactNode {
  const { chat } = useServices()
  const [edited, setEdited] = useState(title)
  const save = (): void => {
    if (edited.trim() !== '' && edited.trim() !== title) chat.change(id, { title: edited.trim() })
    onEnd()
  }
  return (
    <li>
      <input
        className="input"
        aria-label={chatStrings.titleOf}
        maxLength={200}
        // The menu gives the focus back to its button when it closes, which is gone by then.
        ref={(field) => void requestAnimationFrame(() => field?.focus())}
        value={edited}
        onChange={(event) => setEdited(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Enter') save()
          if (event.key === 'Escape') {
            event.stopPropagation()
            onEnd()
          }
        }}
      />
    </li>
  )
}
