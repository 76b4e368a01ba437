import { contextBridge, ipcRenderer } from 'electron'
import { SHELL_CALL_CHANNEL, SHELL_STATE_CHANNEL } from '../../shared/wire/shell/shell-channels.ts'
import type { ShellAnswer, ShellBridge } from '../../shared/wire/shell/shell.ts'

/** Everything that a page of the app can access beyond the web: calls with a schema, and the shell's state. */
const bridge: ShellBridge = {
  call: (name, input) => ipcRenderer.invoke(SHELL_CALL_CHANNEL, name, input) as Promise<ShellAnswer>,
  onState: (listener) => {
    const receive = (_: unknown, state: unknown): void => listener(state)
    ipcRenderer.on(SHELL_STATE_CHANNEL, receive)
    return () => void ipcRenderer.off(SHELL_STATE_CHANNEL, receive)
  },
}

contextBridge.exposeInMainWorld('exoShell', bridge)
