import { type ReactNode, useId } from 'react'
import { Icon } from '../../ui/Icon.tsx'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'
import type { OfferedModel } from '../models/model-listing.ts'
import { ChatSettingsDialog } from './ChatSettingsDialog.tsx'
import type { ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import type { ChatSettings } from '../../../main/shared/chats/chat.ts'
import type { Resource } from '../../services/use-resource.ts'
import { ModelOptions } from './ModelOptions.tsx'

export interface ChatHeaderProps {
  readonly models: readonly OfferedModel[]
  readonly modelId: string | null
  readonly onModel: (modelId: string) => void
  readonly settings: ChatSettings
  readonly presets: Resource<ChatPresets>
  readonly onSettings: (settings: ChatSettings) => void
  readonly isListOpen: boolean
  readonly onToggleList: () => void
  readonly onNew: () => void
}

export function ChatHeader({
  models,
  modelId,
  onModel,
  settings,
  presets,
  onSettings,
  isListOpen,
  onToggleList,
  onNew,
}: ChatHeaderProps): ReactNode {
  const selectId = useId()
  return (
    <header className="chat-head">
      <h1 className="visually-hidden">{strings.routes.chat}</h1>
      <button
        type="button"
        className="icon-button narrow-only"
        aria-label={chatStrings.conversations}
        aria-expanded={isListOpen}
        onClick={onToggleList}
      >
        <Icon name="list" />
      </button>
      <label className="visually-hidden" htmlFor={selectId}>
        {chatStrings.model}
      </label>
      <select
        id={selectId}
        className="select model-select"
        value={modelId ?? ''}
        disabled={models.length === 0}
        onChange={(event) => onModel(event.target.value)}
      >
        {models.length === 0 && <option value="">{strings.common.none}</option>}
        <ModelOptions models={models} />
      </select>
      <span className="spring" />
      <ChatSettingsDialog settings={settings} presets={presets} models={models} onChange={onSettings} />
      <button type="button" className="icon-button narrow-only" aria-label={chatStrings.newConversation} onClick={onNew}>
        <Icon name="plus" />
      </button>
    </header>
  )
}
