import { useSyncExternalStore } from 'react'
import { useSettingsStore } from './settings-store.ts'

export type Theme = 'light' | 'dark'

const darkQuery = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)')

function onSystemChange(listener: () => void): () => void {
  const query = darkQuery()
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** The appearance the user chose, or the system's. */
export function useTheme(): Theme {
  const choice = useSettingsStore((settings) => settings.theme)
  const isSystemDark = useSyncExternalStore(onSystemChange, () => darkQuery().matches)
  return choice === 'system' ? (isSystemDark ? 'dark' : 'light') : choice
}
