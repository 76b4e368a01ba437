/** The keys of the dashboard. `isCommand`: with ⌘, or Ctrl where there is no ⌘. */
export const SHORTCUTS = [
  { id: 'palette', key: 'k', isCommand: true, isShift: false },
  { id: 'new-chat', key: 'o', isCommand: true, isShift: true },
  { id: 'toggle-navigation', key: 'b', isCommand: true, isShift: false },
  { id: 'settings', key: ',', isCommand: true, isShift: false },
  { id: 'shortcuts', key: '?', isCommand: false, isShift: true },
] as const
export type ShortcutId = (typeof SHORTCUTS)[number]['id']

interface PressedKey {
  readonly key: string
  readonly metaKey: boolean
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const isMac = (): boolean => /mac/i.test(navigator.platform)

/** @param isTyping - the focus is in a field, where single keys write text */
export function shortcutOf(event: PressedKey, isTyping: boolean): ShortcutId | null {
  const hasCommand = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  const found = SHORTCUTS.find(
    ({ key, isCommand, isShift }) =>
      event.key.toLowerCase() === key && isCommand === hasCommand && (isShift === event.shiftKey || !/[a-z]/.test(key)) && !event.altKey,
  )
  return found === undefined || (!found.isCommand && (isTyping || event.metaKey || event.ctrlKey)) ? null : found.id
}

/** A shortcut as it is written on this system: `⌘K`, `Ctrl+Shift+O`. */
export function shortcutLabel(id: ShortcutId): string {
  const shortcut = SHORTCUTS.find((candidate) => candidate.id === id)
  if (!shortcut) return ''
  const { key, isCommand, isShift } = shortcut
  if (!isCommand) return key
  return isMac() ? `${isShift ? '⇧' : ''}⌘${key.toUpperCase()}` : `Ctrl+${isShift ? 'Shift+' : ''}${key.toUpperCase()}`
}
