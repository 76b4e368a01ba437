import { z } from 'zod'
import { create } from 'zustand'
import type { KeyValueStore } from '../client/host.ts'

export const ThemeChoice = z.enum(['system', 'light', 'dark'])
export type ThemeChoice = z.infer<typeof ThemeChoice>

const Settings = z.object({
  theme: ThemeChoice.default('system'),
  /** The token for the node's API; null: none. */
  apiToken: z.string().nullable().default(null),
  /** Whether the three steps of the first run were shown. */
  isIntroduced: z.boolean().default(false),
  /** The model of the last conversation. */
  lastModelId: z.string().nullable().default(null),
  /** How fast this machine last downloaded from Hugging Face; null: not known. */
  hubBytesPerSecond: z.number().positive().nullable().default(null),
  /** Whether the navigation shows only its icons. */
  isNavigationCollapsed: z.boolean().default(false),
  /** Admissions that the user has acknowledged, the newest last. */
  acknowledgedAdmissions: z.array(z.string()).default([]),
})
export type Settings = z.infer<typeof Settings>

const KEY = 'settings'

export const useSettingsStore = create<Settings>(() => Settings.parse({}))

/** Loads the stored settings into the store and saves every change. */
export function keepSettings(store: KeyValueStore): void {
  useSettingsStore.setState(readSettings(store))
  useSettingsStore.subscribe((settings) => store.write(KEY, JSON.stringify(settings)))
}

/** Damaged settings count as missing. */
function readSettings(store: KeyValueStore): Settings {
  try {
    return Settings.parse(JSON.parse(store.read(KEY) ?? '{}'))
  } catch {
    return Settings.parse({})
  }
}
