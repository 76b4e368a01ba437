import type { ShellClient } from './shell-client.ts'

/** Texts that outlive the page. */
export interface KeyValueStore {
  /** null: nothing is stored under this key, or storage is unavailable. */
  read(key: string): string | null
  write(key: string, value: string): void
}

/** What the program that shows the page provides. */
export interface Host {
  /** The desktop app that shows the page; null in a browser. */
  readonly shell: ShellClient | null
  /** The node's base URL, without a trailing slash. */
  readonly apiUrl: string
  readonly keyValueStore: KeyValueStore
  copyText(text: string): Promise<void>
  saveFile(fileName: string, mediaType: string, content: string): void
}
