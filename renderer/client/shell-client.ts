import { AppError } from '../../main/shared/app-error.ts'
import { toErrorCode } from '../../main/shared/error-codes.ts'
import {
  type ShellBridge,
  type ShellCallInput,
  type ShellCallName,
  type ShellCallOutput,
  shellCalls,
  ShellState,
} from '../../main/shared/wire/shell/shell.ts'
import { localized } from './error-text.ts'

/** Calls to the desktop app that shows the page. */
export interface ShellClient {
  /** @throws AppError with the shell's code */
  call<Name extends ShellCallName>(
    name: Name,
    ...input: ShellCallInput<Name> extends undefined ? [] : [ShellCallInput<Name>]
  ): Promise<ShellCallOutput<Name>>
  /** @returns what ends it */
  onState(listener: (state: ShellState) => void): () => void
}

/** null in a browser. */
export function openShellClient(page: { readonly exoShell?: ShellBridge }): ShellClient | null {
  const bridge = page.exoShell
  if (!bridge) return null
  return {
    async call(name, ...[input]) {
      const answer = await bridge.call(name, input)
      if (!answer.isOk) throw localized(new AppError(toErrorCode(answer.code, 'internal'), answer.message))
      return shellCalls[name].output.parse(answer.value) as ShellCallOutput<typeof name>
    },
    onState: (listener) => bridge.onState((state) => listener(ShellState.parse(state))),
  }
}
