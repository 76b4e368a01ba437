import { z } from 'zod'
import { ChatId, ChatSettings } from './chat.ts'

export const MOST_PRESETS = 200

/** Settings of chats under a name, such as a system prompt with its temperature. */
export const ChatPreset = z.object({ id: ChatId, name: z.string().min(1).max(80), settings: ChatSettings })
export type ChatPreset = z.infer<typeof ChatPreset>

/** The presets of a node, in the order in which they were made. */
export const ChatPresets = z.object({
  presets: z.array(ChatPreset).max(MOST_PRESETS),
  /** The preset of new chats; null: none. */
  defaultId: ChatId.nullable(),
})
export type ChatPresets = z.infer<typeof ChatPresets>

export const NO_PRESETS: ChatPresets = { presets: [], defaultId: null }

/** Adds a preset, or replaces the one with its id. @param isDefault - whether new chats begin with it */
export function withPreset({ presets, defaultId }: ChatPresets, preset: ChatPreset, isDefault: boolean): ChatPresets {
  const isKnown = presets.some(({ id }) => id === preset.id)
  return {
    presets: isKnown ? presets.map((other) => (other.id === preset.id ? preset : other)) : [...presets, preset],
    defaultId: isDefault ? preset.id : defaultId === preset.id ? null : defaultId,
  }
}

export function withoutPreset({ presets, defaultId }: ChatPresets, presetId: string): ChatPresets {
  return { presets: presets.filter(({ id }) => id !== presetId), defaultId: defaultId === presetId ? null : defaultId }
}

export const defaultSettingsOf = ({ presets, defaultId }: ChatPresets): ChatSettings | null =>
  presets.find(({ id }) => id === defaultId)?.settings ?? null
