import { useEffect } from 'react'
import { goToChat } from '../services/chat-address.ts'
import { addressOf } from './routes.ts'
import { setPaletteOpen, setShortcutsShown, toggleNavigation, useShellStore } from './shell-store.ts'
import { type ShortcutId, shortcutOf } from './shortcuts.ts'

export const SHORTCUT_ACTS: Readonly<Record<ShortcutId, () => void>> = {
  palette: () => setPaletteOpen(!useShellStore.getState().isPaletteOpen),
  'new-chat': () => goToChat(null),
  'toggle-navigation': toggleNavigation,
  settings: () => {
    location.hash = addressOf('settings')
  },
  shortcuts: () => setShortcutsShown(true),
}

/** Listens to the keys of the dashboard. A dialog that is open keeps its keys, but the palette's own key closes it. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : null
      const id = shortcutOf(event, target?.closest('input, textarea, select, [contenteditable="true"]') != null)
      const isInDialog = target?.closest('[role="dialog"], [role="alertdialog"]') != null
      if (id === null || event.defaultPrevented || event.isComposing || (isInDialog && id !== 'palette')) return
      event.preventDefault()
      SHORTCUT_ACTS[id]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
