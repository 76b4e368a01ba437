import type { WebPreferences } from 'electron'

/** Settings of every page of the app: isolated from Node and the preload script, in the system's sandbox. */
export function pagePreferences(preload: string): WebPreferences {
  return { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: true }
}
