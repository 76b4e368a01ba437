import { type ReactNode, useId, useState } from 'react'
import { type ChatPreset, ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import { ChatSettings } from '../../../main/shared/chats/chat.ts'
import { useServices } from '../../services/services.ts'
import type { Resource } from '../../services/use-resource.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { strings } from '../../ui/strings.ts'
import { chatStrings } from './strings.ts'

const labels = chatStrings.presets

export interface PresetPickerProps {
  readonly presets: Resource<ChatPresets>
  readonly settings: ChatSettings
  readonly onChange: (settings: ChatSettings) => void
}

/** Whether two chats have the same settings, however those were stored. */
const isSame = (left: ChatSettings, right: ChatSettings): boolean =>
  JSON.stringify(ChatSettings.parse(left)) === JSON.stringify(ChatSettings.parse(right))

const newPresetId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Applies a preset to the settings of a chat, and makes, changes and deletes presets. */
export function PresetPicker({ presets: { data, error, reload }, settings, onChange }: PresetPickerProps): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const id = useId()
  const [name, setName] = useState<string | null>(null)
  const presets = data?.presets ?? []
  const chosen = presets.find((preset) => isSame(preset.settings, settings)) ?? null
  const isDefault = chosen !== null && data?.defaultId === chosen.id
  const put = ({ id: presetId, ...preset }: ChatPreset, becomesDefault: boolean): void =>
    action.run(async () => {
      await api.put(`/chats/presets/${presetId}`, { ...preset, isDefault: becomesDefault }, ChatPresets)
      setName(null)
      reload()
    })
  const save = (written: string): void => {
    const same = presets.find((preset) => preset.name === written)
    put({ id: same?.id ?? newPresetId(), name: written, settings }, same !== undefined && same.id === data?.defaultId)
  }
  const remove = (presetId: string): void =>
    action.run(async () => {
      await api.delete(`/chats/presets/${presetId}`, ChatPresets)
      reload()
    })
  return (
    <div className="presets">
      <label htmlFor={`${id}-preset`}>{labels.preset}</label>
      <div className="preset-row">
        <select
          id={`${id}-preset`}
          className="select select-wide"
          value={chosen?.id ?? ''}
          onChange={({ target }) => {
            const preset = presets.find((other) => other.id === target.value)
            if (preset) onChange(preset.settings)
          }}
        >
          <option value="">{presets.length === 0 ? labels.none : labels.own}</option>
          {presets.map((preset) => (
            <option key={preset.id} value={preset.id}>
              {preset.id === data?.defaultId ? labels.asDefault(preset.name) : preset.name}
            </option>
          ))}
        </select>
        {chosen === null ? (
          <button type="button" className="button" aria-expanded={name !== null} onClick={() => setName(name === null ? '' : null)}>
            {labels.save}
          </button>
        ) : (
          <>
            <button type="button" className="button" aria-pressed={isDefault} onClick={() => put(chosen, !isDefault)}>
              {labels.forNewChats}
            </button>
            <button type="button" className="button button-danger" onClick={() => remove(chosen.id)}>
              {labels.remove}
            </button>
          </>
        )}
      </div>
      {chosen === null && name !== null && (
        <form
          className="preset-row"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') save(name.trim())
          }}
        >
          <input
            className="input"
            autoFocus
            maxLength={80}
            aria-label={labels.name}
            placeholder={labels.name}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <button type="submit" className="button button-primary" disabled={action.isRunning || name.trim() === ''}>
            {presets.some((preset) => preset.name === name.trim()) ? labels.replace : strings.common.save}
          </button>
        </form>
      )}
      {(action.error ?? error?.message) && <ErrorNote message={action.error ?? error?.message ?? ''} />}
    </div>
  )
}
