import { type BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import {
  type ShellAnswer,
  type ShellCallInput,
  type ShellCallName,
  type ShellCallOutput,
  shellCalls,
  type ShellState,
} from '../../shared/wire/shell/shell.ts'
import { SHELL_CALL_CHANNEL, SHELL_STATE_CHANNEL } from '../../shared/wire/shell/shell-channels.ts'

/** One function for each call of `shellCalls`. */
export type ShellHandlers = {
  readonly [Name in ShellCallName]: (input: ShellCallInput<Name>) => ShellCallOutput<Name> | Promise<ShellCallOutput<Name>>
}

/**
 * Answers calls from the app's pages.
 *
 * @param isTrusted - whether a page at this address may call at all
 */
export function serveShellCalls(handlers: ShellHandlers, isTrusted: (url: string) => boolean): void {
  ipcMain.handle(SHELL_CALL_CHANNEL, async (event, name: unknown, input: unknown): Promise<ShellAnswer> => {
    try {
      checkSender(event, isTrusted)
      if (typeof name !== 'string' || !Object.hasOwn(shellCalls, name))
        throw new AppError('unknown-call', 'The app does not have this call.')
      return { isOk: true, value: await answer(handlers, name as ShellCallName, input) }
    } catch (error) {
      return { isOk: false, code: errorCode(error), message: errorMessage(error) }
    }
  })
}

function checkSender({ senderFrame, sender }: IpcMainInvokeEvent, isTrusted: (url: string) => boolean): void {
  if (senderFrame === null || senderFrame !== sender.mainFrame || !isTrusted(senderFrame.url))
    throw new AppError('untrusted-sender', 'This page may not call the app.')
}

async function answer<Name extends ShellCallName>(handlers: ShellHandlers, name: Name, input: unknown): Promise<unknown> {
  const call = shellCalls[name]
  const parsed = call.input.safeParse(input)
  if (!parsed.success) throw new AppError('invalid-call', `Invalid input for ${name}.`, { issues: parsed.error.issues.slice(0, 3) })
  return call.output.parse(await handlers[name](parsed.data as ShellCallInput<Name>))
}

export function tellPages(windows: readonly BrowserWindow[], state: ShellState): void {
  for (const window of windows) if (!window.isDestroyed()) window.webContents.send(SHELL_STATE_CHANNEL, state)
}
