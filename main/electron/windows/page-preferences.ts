import type { WebPreferences } from 'electron'

/** For every page of the app: apart from Node and from the preload script, in the system's sandbox. */
export function pagePreferences(preload: string): WebPreferences {
  return { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: true }
}
