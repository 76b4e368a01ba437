import type { ReactNode } from 'react'
import { Icon } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'
import type { OfferedModel } from '../models/model-listing.ts'
import { ChatSettingsDialog } from './ChatSettingsDialog.tsx'
import type { ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import type { ChatSettings } from '../../../main/shared/chats/chat.ts'
import type { Resource } from '../../services/use-resource.ts'
import { ModelPicker } from './model-picker/ModelPicker.tsx'

export interface ChatHeaderProps {
  /** Of the chat; empty: it has none yet. */
  readonly title: string
  readonly models: readonly OfferedModel[]
  readonly modelId: string | null
  readonly onModel: (modelId: string) => void
  /** The model whose answers are compared with those of the first; null: none. */
  readonly otherModelId: string | null
  readonly onOtherModel: (modelId: string | null) => void
  readonly settings: ChatSettings
  readonly presets: Resource<ChatPresets>
  readonly onSettings: (settings: ChatSettings) => void
  readonly isListOpen: boolean
  readonly onToggleList: () => void
  readonly onNew: () => void
}

export function ChatHeader({
  title,
  models,
  modelId,
  onModel,
  otherModelId,
  onOtherModel,
  settings,
  presets,
  onSettings,
  isListOpen,
  onToggleList,
  onNew,
}: ChatHeaderProps): ReactNode {
  const others = models.filter((model) => model.modelId !== modelId)
  return (
    <header className="chat-head">
      <button
        type="button"
        className="icon-button narrow-only"
        aria-label={chatStrings.conversations}
        aria-expanded={isListOpen}
        onClick={onToggleList}
      >
        <Icon name="list" />
      </button>
      <ModelPicker label={chatStrings.model} models={models} modelId={modelId} onModel={onModel} />
      {otherModelId !== null && (
        <ModelPicker label={chatStrings.compare.other} models={others} modelId={otherModelId} onModel={onOtherModel} />
      )}
      {(others.length > 0 || otherModelId !== null) && !settings.isTrifurcated && (
        <button
          type="button"
          className="icon-button"
          aria-label={otherModelId === null ? chatStrings.compare.start : chatStrings.compare.stop}
          title={otherModelId === null ? chatStrings.compare.start : chatStrings.compare.stop}
          onClick={() => onOtherModel(otherModelId === null ? ((others.find(({ loaded }) => loaded) ?? others[0])?.modelId ?? null) : null)}
        >
          <Icon name={otherModelId === null ? 'compare' : 'close'} />
        </button>
      )}
      <h1 className={title === '' ? 'visually-hidden' : 'chat-title'} title={title}>
        {title === '' ? strings.routes.chat : title}
      </h1>
      <span className="spring" />
      <ChatSettingsDialog settings={settings} presets={presets} models={models} onChange={onSettings} />
      <button type="button" className="icon-button narrow-only" aria-label={chatStrings.newConversation} onClick={onNew}>
        <Icon name="plus" />
      </button>
    </header>
  )
}
