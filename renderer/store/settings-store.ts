import { z } from 'zod'
import { create } from 'zustand'
import type { KeyValueStore } from '../client/host.ts'

export const ThemeChoice = z.enum(['system', 'light', 'dark'])
export type ThemeChoice = z.infer<typeof ThemeChoice>

const Settings = z.object({
  theme: ThemeChoice.default('system'),
  /** Of the node's API; null: none. */
  apiToken: z.string().nullable().default(null),
  /** The three steps of the first run were read. */
  isIntroduced: z.boolean().default(false),
  /** The model of the last conversation. */
  lastModelId: z.string().nullable().default(null),
})
export type Settings = z.infer<typeof Settings>

const KEY = 'settings'

export const useSettingsStore = create<Settings>(() => Settings.parse({}))

/** Fills the store with what is kept, and keeps what changes in it. */
export function keepSettings(store: KeyValueStore): void {
  useSettingsStore.setState(readSettings(store))
  useSettingsStore.subscribe((settings) => store.write(KEY, JSON.stringify(settings)))
}

/** Damaged settings are as none. */
function readSettings(store: KeyValueStore): Settings {
  try {
    return Settings.parse(JSON.parse(store.read(KEY) ?? '{}'))
  } catch {
    return Settings.parse({})
  }
}
