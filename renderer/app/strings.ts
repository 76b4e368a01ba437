import { inLanguage } from '../ui/language.ts'
import { plural } from '../ui/plural.ts'

export const navigationStrings = inLanguage(
  {
    label: 'Places',
    collapse: 'Collapse sidebar',
    expand: 'Expand sidebar',
    search: 'Search',
    downloads: (count: number) => plural(count, { one: '# download', other: '# downloads' }),
  },
  {
    label: 'Bereiche',
    collapse: 'Seitenleiste einklappen',
    expand: 'Seitenleiste ausklappen',
    search: 'Suchen',
    downloads: (count: number) => plural(count, { one: '# Download', other: '# Downloads' }),
  },
)

export const paletteStrings = inLanguage(
  {
    title: 'Search commands',
    placeholder: 'Search views, chats and models',
    nothing: 'Nothing found.',
    untitled: 'Untitled',
    groups: { view: 'Go to', command: 'Do', model: 'Chat with', theme: 'Appearance', chat: 'Open chat' },
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
  },
  {
    title: 'Befehle suchen',
    placeholder: 'Ansichten, Chats und Modelle suchen',
    nothing: 'Nichts gefunden.',
    untitled: 'Ohne Titel',
    groups: { view: 'Gehe zu', command: 'Befehl', model: 'Chat mit', theme: 'Darstellung', chat: 'Chat öffnen' },
    themes: { system: 'System', light: 'Hell', dark: 'Dunkel' },
  },
)

export const shortcutStrings = inLanguage(
  {
    title: 'Keyboard shortcuts',
    names: {
      palette: 'Search commands',
      'new-chat': 'New chat',
      'toggle-navigation': 'Collapse or expand the sidebar',
      settings: 'Settings',
      shortcuts: 'Show keyboard shortcuts',
    },
    inChat: [
      ['Enter', 'Send the message'],
      ['Shift+Enter', 'New line'],
      ['↑', 'Edit the last message'],
      ['Esc', 'Stop the answer'],
    ] as readonly (readonly [keys: string, name: string])[],
  },
  {
    title: 'Tastenkürzel',
    names: {
      palette: 'Befehle suchen',
      'new-chat': 'Neuer Chat',
      'toggle-navigation': 'Seitenleiste ein- oder ausklappen',
      settings: 'Einstellungen',
      shortcuts: 'Tastenkürzel anzeigen',
    },
    inChat: [
      ['Enter', 'Nachricht senden'],
      ['Shift+Enter', 'Neue Zeile'],
      ['↑', 'Letzte Nachricht bearbeiten'],
      ['Esc', 'Antwort anhalten'],
    ],
  },
)

export const connectionStrings = inLanguage(
  {
    connecting: 'Connecting…',
    live: 'Connected',
    lost: 'Disconnected',
    refused: 'API token required',
    connectingBanner: 'Connecting to exo…',
    lostBanner: 'Lost connection to exo. Showing the last known state; reconnecting…',
    refusedBanner: 'Enter the API token to continue.',
    retryNow: 'Reconnect now',
    enterToken: 'Enter token',
  },
  {
    connecting: 'Verbindet …',
    live: 'Verbunden',
    lost: 'Getrennt',
    refused: 'API-Token nötig',
    connectingBanner: 'Verbindung zu exo wird hergestellt …',
    lostBanner: 'Verbindung zu exo verloren. Letzter bekannter Stand; neuer Versuch läuft …',
    refusedBanner: 'Zum Fortfahren das API-Token eingeben.',
    retryNow: 'Jetzt verbinden',
    enterToken: 'Token eingeben',
  },
)

export const crashStrings = inLanguage(
  {
    title: 'Something went wrong in this view',
    body: 'The rest of exo keeps running.',
    reload: 'Reload view',
  },
  {
    title: 'In dieser Ansicht ist etwas schiefgegangen',
    body: 'Der Rest von exo läuft weiter.',
    reload: 'Ansicht neu laden',
  },
)
