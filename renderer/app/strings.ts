import { plural } from '../ui/plural.ts'

export const navigationStrings = {
  label: 'Places',
  collapse: 'Collapse sidebar',
  expand: 'Expand sidebar',
  search: 'Search',
  downloads: (count: number) => plural(count, { one: '# download', other: '# downloads' }),
}

export const paletteStrings = {
  title: 'Search commands',
  placeholder: 'Search views, chats and models',
  nothing: 'Nothing found.',
  untitled: 'Untitled',
  groups: { view: 'Go to', command: 'Do', model: 'Chat with', theme: 'Appearance', chat: 'Open chat' },
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
}

export const shortcutStrings = {
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
  ],
} as const

export const connectionStrings = {
  connecting: 'Connecting…',
  live: 'Connected',
  lost: 'Disconnected',
  refused: 'API token required',
  connectingBanner: 'Connecting to exo…',
  lostBanner: 'Lost connection to exo. Showing the last known state; reconnecting…',
  refusedBanner: 'Enter the API token to continue.',
  retryNow: 'Reconnect now',
  enterToken: 'Enter token',
}

export const crashStrings = {
  title: 'Something went wrong in this view',
  body: 'The rest of exo keeps running.',
  reload: 'Reload view',
}
