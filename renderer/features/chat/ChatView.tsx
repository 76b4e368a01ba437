import { type ReactNode, useEffect, useState } from 'react'
import { useServices } from '../../services/services.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'
import { preferredModel, useModels } from '../models/model-listing.ts'
import { ChatHeader } from './ChatHeader.tsx'
import { Composer } from './Composer.tsx'
import { ConversationList } from './ConversationList.tsx'
import { ChatSettings } from './conversation/conversation.ts'
import { selectActive, selectIsStreaming, useChatStore } from './conversation/chat-store.ts'
import { Thread } from './Thread.tsx'

const NO_SETTINGS = ChatSettings.parse({})

export function ChatView(): ReactNode {
  const { chat } = useServices()
  const models = useModels()
  const activeId = useChatStore((state) => state.activeId)
  const isEmpty = useChatStore((state) => (selectActive(state)?.messages.length ?? 0) === 0)
  const isStreaming = useChatStore(selectIsStreaming)
  const activeModelId = useChatStore((state) => selectActive(state)?.modelId ?? null)
  const activeSettings = useChatStore((state) => selectActive(state)?.settings ?? null)
  const lastModelId = useSettingsStore((settings) => settings.lastModelId)
  const [chosenModelId, setChosenModelId] = useState<string | null>(null)
  const [newSettings, setNewSettings] = useState(NO_SETTINGS)
  const [isListOpen, setIsListOpen] = useState(false)
  useEffect(() => setChosenModelId(null), [activeId])

  const listed = models.data?.models ?? []
  const modelId = preferredModel(listed, chosenModelId ?? activeModelId ?? lastModelId)
  const choose = (chosen: string): void => {
    setChosenModelId(chosen)
    useSettingsStore.setState({ lastModelId: chosen })
  }
  const ask = (text: string): void => {
    if (modelId !== null) chat.send(text, modelId, newSettings)
  }
  const stop = (): void => {
    if (activeId !== null) chat.stop(activeId)
  }
  const changeSettings = (settings: ChatSettings): void => {
    if (activeId === null) setNewSettings(settings)
    else chat.changeSettings(activeId, settings)
  }
  const startNew = (): void => {
    setNewSettings(NO_SETTINGS)
    chat.select(null)
    setIsListOpen(false)
  }
  const isWithoutModel = models.data !== null && modelId === null
  return (
    <div className="chat" data-list-open={isListOpen}>
      <ConversationList onNew={startNew} onSelect={() => setIsListOpen(false)} />
      <div className="chat-pane">
        <ChatHeader
          models={listed}
          modelId={modelId}
          onModel={choose}
          settings={activeSettings ?? newSettings}
          onSettings={changeSettings}
          isListOpen={isListOpen}
          onToggleList={() => setIsListOpen((isOpen) => !isOpen)}
          onNew={startNew}
        />
        {models.error && models.data === null && <ErrorNote message={models.error.message} onRetry={models.reload} />}
        {isWithoutModel && isEmpty ? (
          <EmptyState
            title={chatStrings.noModelTitle}
            action={
              <a className="button button-primary" href="#/models">
                {strings.common.goToModels}
              </a>
            }
          >
            {chatStrings.noModelBody}
          </EmptyState>
        ) : (
          <Thread modelId={modelId} isStreaming={isStreaming} onAsk={ask} />
        )}
        <Composer key={activeId ?? 'new'} isStreaming={isStreaming} isDisabled={modelId === null} onSend={ask} onStop={stop} />
      </div>
    </div>
  )
}
