import type { ShellClient } from './shell-client.ts'

/** Texts that outlive the page. */
export interface KeyValueStore {
  /** null: nothing is kept under this key, or nothing can be kept. */
  read(key: string): string | null
  write(key: string, value: string): void
}

/** What the program around the page gives it. */
export interface Host {
  /** The app around the page; null in a browser. */
  readonly shell: ShellClient | null
  /** Where the node answers, without a slash at the end. */
  readonly apiUrl: string
  readonly keyValueStore: KeyValueStore
  copyText(text: string): Promise<void>
  saveFile(fileName: string, mediaType: string, content: string): void
}
