import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { ChatSettings } from '../../../main/shared/chats/chat.ts'
import { defaultSettingsOf } from '../../../main/shared/chats/chat-presets.ts'
import type { DownloadView } from '../../../main/shared/models/download.ts'
import { goToChat, nameStartedChat, useAddressedChat } from '../../services/chat-address.ts'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { setDraft, useDraftStore } from '../../store/draft-store.ts'
import { shortModelName } from '../../ui/format.ts'
import { EmptyState, ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'
import { preferredModel, useModels } from '../models/model-listing.ts'
import { markdownRenderer } from './answer/AnswerText.tsx'
import { ChatHeader } from './ChatHeader.tsx'
import { ChatError } from './ChatError.tsx'
import { ContextMeter } from './ContextMeter.tsx'
import { Composer } from './Composer.tsx'
import { attachFiles, clearFiles, usePendingFiles } from './attachments/attachment-store.ts'
import { DropZone } from './attachments/DropZone.tsx'
import { PendingAttachments } from './attachments/PendingAttachments.tsx'
import { ConversationList } from './list/ConversationList.tsx'
import {
  editLastQuestion,
  selectActive,
  selectComparedIds,
  selectUsedTokens,
  selectIsStreaming,
  useChatStore,
} from './conversation/chat-store.ts'
import { useChatPresets } from './use-chat-presets.ts'
import { Thread } from './Thread.tsx'
import { fillPrompt, promptVariables } from './variables/prompt-variables.ts'

const percentOf = ({ doneBytes, totalBytes }: DownloadView): number => (totalBytes > 0 ? Math.floor((100 * doneBytes) / totalBytes) : 0)
const VariablesDialog = lazy(async () => ({ default: (await import('./variables/VariablesDialog.tsx')).VariablesDialog }))
const NO_SETTINGS = ChatSettings.parse({})

export function ChatView(): ReactNode {
  const { chat } = useServices()
  const models = useModels()
  const activeId = useAddressedChat()
  const isOpen = useChatStore((state) => selectActive(state) !== null)
  const isMissing = useChatStore((state) => state.isMissing)
  const isStreaming = useChatStore(selectIsStreaming)
  const hasAnswer = useChatStore((state) => selectUsedTokens(state) !== null)
  const title = useChatStore((state) => selectActive(state)?.title ?? null)
  const activeModelId = useChatStore((state) => selectActive(state)?.modelId ?? null)
  const activeSettings = useChatStore((state) => selectActive(state)?.settings ?? null)
  const lastModelId = useSettingsStore((settings) => settings.lastModelId)
  const draft = useDraftStore(({ drafts }) => drafts[activeId ?? ''] ?? '')
  const pending = usePendingFiles(activeId)
  const [chosenModelId, setChosenModelId] = useState<string | null>(null)
  /** null: those of the preset for new chats. */
  const [chosenSettings, setChosenSettings] = useState<ChatSettings | null>(null)
  const presets = useChatPresets()
  const newSettings = chosenSettings ?? (presets.data && defaultSettingsOf(presets.data)) ?? NO_SETTINGS
  const [chosenOtherId, setChosenOtherId] = useState<string | null>(null)
  const isComparing = useChatStore((state) => selectComparedIds(state).length > 0)
  const [isListOpen, setIsListOpen] = useState(false)
  const [isSending, setIsSending] = useState(false)
  /** A text whose variables are being filled in. */
  const [asked, setAsked] = useState<{ readonly text: string; readonly names: readonly string[] } | null>(null)
  useEffect(() => markdownRenderer.load(), [])
  useEffect(() => setChosenModelId(null), [activeId])
  useEffect(() => chat.select(activeId), [chat, activeId])
  useEffect(() => {
    if (title) document.title = `${title} · ${strings.product}`
  }, [title])

  const listed = models.data?.models ?? []
  const modelId = preferredModel(listed, chosenModelId ?? activeModelId ?? lastModelId)
  const choose = (chosen: string): void => {
    setChosenModelId(chosen)
    useSettingsStore.setState({ lastModelId: chosen })
  }
  const settings = activeSettings ?? newSettings
  const canCompare = !settings.isTrifurcated && chosenOtherId !== modelId && listed.some((model) => model.modelId === chosenOtherId)
  const otherModelId = canCompare ? chosenOtherId : null
  const keep = (answerId: string, keptModelId: string | null): void => {
    chat.keep(answerId)
    if (keptModelId !== null) choose(keptModelId)
    setChosenOtherId(null)
  }
  /** A text that cannot be sent stays in the box. */
  const send = (text: string, settingsOfNew: ChatSettings): void => {
    if (modelId === null) return
    setAsked(null)
    setIsSending(true)
    void chat
      .send({ text, attachments: pending.attachments, otherModelId }, modelId, settingsOfNew)
      .then((chatId) => {
        if (chatId === null) return
        setDraft(activeId, '')
        clearFiles(activeId)
        if (activeId === null) nameStartedChat(chatId)
      })
      .finally(() => setIsSending(false))
  }
  const ask = (text: string): void => {
    if (modelId === null || isSending || isComparing || pending.reading > 0) return
    const names = promptVariables(text, ...(activeId === null ? [newSettings.systemPrompt] : []))
    if (names.length > 0) setAsked({ text, names })
    else send(text, newSettings)
  }
  const fillAndSend = (values: Readonly<Record<string, string>> | null): void => {
    if (asked === null) return
    if (values === null) send(asked.text, newSettings)
    else send(fillPrompt(asked.text, values), { ...newSettings, systemPrompt: fillPrompt(newSettings.systemPrompt, values) })
  }
  const changeSettings = (settings: ChatSettings): void => {
    if (activeId === null) setChosenSettings(settings)
    else chat.change(activeId, { settings })
  }
  const startNew = (): void => {
    setChosenSettings(null)
    goToChat(null)
    setIsListOpen(false)
  }
  const coming = useClusterStore(({ view }) => {
    const download = view?.downloads.find(({ status }) => status === 'running')
    return download && chatStrings.comingModel(shortModelName(download.modelId), percentOf(download))
  })
  const contextTokens = listed.find((model) => model.modelId === modelId)?.contextTokens
  const onFiles = (files: readonly File[]): void => void attachFiles(activeId, files)
  const isWithoutModel = models.data !== null && modelId === null
  return (
    <div
      className="chat"
      data-list-open={isListOpen}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isListOpen) return
        event.stopPropagation()
        setIsListOpen(false)
      }}
    >
      <ConversationList onNew={startNew} onSelect={() => setIsListOpen(false)} />
      {isListOpen && (
        <button type="button" className="drawer-backdrop" aria-label={strings.common.close} onClick={() => setIsListOpen(false)} />
      )}
      <DropZone className="chat-pane" onFiles={onFiles}>
        <ChatHeader
          title={title ?? ''}
          models={listed}
          modelId={modelId}
          onModel={choose}
          otherModelId={otherModelId}
          onOtherModel={setChosenOtherId}
          settings={settings}
          presets={presets}
          onSettings={changeSettings}
          isListOpen={isListOpen}
          onToggleList={() => setIsListOpen((isOpen) => !isOpen)}
          onNew={startNew}
        />
        {models.error && models.data === null && <ErrorNote message={models.error.message} onRetry={models.reload} />}
        {isMissing ? (
          <EmptyState
            title={chatStrings.missingTitle}
            action={
              <button type="button" className="button button-primary" onClick={startNew}>
                {chatStrings.newConversation}
              </button>
            }
          >
            {chatStrings.missingBody}
          </EmptyState>
        ) : isWithoutModel && !isOpen ? (
          <EmptyState
            title={chatStrings.noModelTitle}
            action={
              <a className="button button-primary" href="#/models">
                {strings.common.goToModels}
              </a>
            }
          >
            {coming ?? chatStrings.noModelBody}
          </EmptyState>
        ) : (
          <Thread modelId={modelId} isNew={activeId === null} isStreaming={isStreaming} onAsk={ask} onKeep={keep} />
        )}
        <ChatError />
        {asked && (
          <Suspense fallback={null}>
            <VariablesDialog names={asked.names} onSend={fillAndSend} onCancel={() => setAsked(null)} />
          </Suspense>
        )}
        <Composer
          key={activeId ?? 'new'}
          text={draft}
          onText={(text) => setDraft(activeId, text)}
          isStreaming={isStreaming}
          isDisabled={modelId === null || isMissing || isSending || isComparing || pending.reading > 0}
          onSend={ask}
          onStop={() => chat.stop()}
          onEditLast={editLastQuestion}
          onFiles={onFiles}
          hasFiles={pending.attachments.length > 0}
          files={<PendingAttachments chatId={activeId} modelId={modelId} contextTokens={contextTokens} />}
        >
          {isComparing ? <span>{chatStrings.compare.choose}</span> : hasAnswer ? <ContextMeter contextTokens={contextTokens} /> : undefined}
        </Composer>
      </DropZone>
    </div>
  )
}
