import { create } from 'zustand'
import { useSettingsStore } from '../store/settings-store.ts'

/** What lies over the view. */
export const useShellStore = create<{ readonly isPaletteOpen: boolean; readonly areShortcutsShown: boolean }>(() => ({
  isPaletteOpen: false,
  areShortcutsShown: false,
}))

export const setPaletteOpen = (isPaletteOpen: boolean): void => useShellStore.setState({ isPaletteOpen, areShortcutsShown: false })
export const setShortcutsShown = (areShortcutsShown: boolean): void => useShellStore.setState({ areShortcutsShown, isPaletteOpen: false })

export function toggleNavigation(): void {
  useSettingsStore.setState(({ isNavigationCollapsed }) => ({ isNavigationCollapsed: !isNavigationCollapsed }))
}
