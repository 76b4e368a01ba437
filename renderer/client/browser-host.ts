import type { ShellBridge } from '../../main/shared/wire/shell/shell.ts'
import type { Host } from './host.ts'
import { openShellClient } from './shell-client.ts'

const KEY_PREFIX = 'exo.'

/** The host of a page that was loaded from the node, in a browser tab or in a window of the app. */
export function browserHost(): Host {
  return {
    shell: openShellClient(window as { readonly exoShell?: ShellBridge }),
    apiUrl: location.origin,
    keyValueStore: {
      read: (key) => guarded(() => localStorage.getItem(KEY_PREFIX + key)),
      write: (key, value) => void guarded(() => localStorage.setItem(KEY_PREFIX + key, value)),
    },
    copyText,
    saveFile(fileName, mediaType, content) {
      const url = URL.createObjectURL(new Blob([content], { type: mediaType }))
      const link = document.createElement('a')
      Object.assign(link, { href: url, download: fileName })
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    },
  }
}

/** A browser may forbid storage or run out of space. Settings then last only as long as the page. */
function guarded<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

/** `navigator.clipboard` exists only on https and localhost, and a node on the network is neither. */
async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (!isCopied) throw new Error('The browser blocked copying.')
}
