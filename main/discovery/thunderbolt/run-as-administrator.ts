import type { CommandResult, RunCommand } from '../../platform/processes/run-command.ts'
import { AppError } from '../../shared/app-error.ts'

/** Runs a shell script as root after the user has authorized it. Rejects with AppError `administrator-refused` | `network-setup-failed`. */
export type RunAsAdministrator = (script: string, prompt: string, signal: AbortSignal) => Promise<void>

/** Long enough for a person to come to the keyboard. */
const PROMPT_TIMEOUT_MS = 5 * 60_000

const APPLE_SCRIPT = [
  'on run argv',
  'do shell script (item 1 of argv) with prompt (item 2 of argv) with administrator privileges',
  'end run',
]

/**
 * Programs of the system by their paths, with no variable of the user's. `sudo` keeps the user's PATH on macOS, where a program of the
 * user could stand in for one of the script's commands and run as root.
 */
const CLEAN_SHELL = ['/usr/bin/env', '-i', 'PATH=/usr/bin:/bin:/usr/sbin:/sbin', '/bin/sh', '-c']

/**
 * Uses macOS's own password dialog, or `sudo` if there is no screen to show it on. Nothing is installed.
 *
 * @param isRemote - this is an ssh session
 */
export function createRunAsAdministrator(runCommand: RunCommand, isRemote: boolean): RunAsAdministrator {
  return async (script, prompt, signal) => {
    const result = isRemote
      ? await runCommand('/usr/bin/sudo', ['-p', `${prompt} Password: `, ...CLEAN_SHELL, script], PROMPT_TIMEOUT_MS, signal)
      : await runCommand('/usr/bin/osascript', [...APPLE_SCRIPT.flatMap((line) => ['-e', line]), script, prompt], PROMPT_TIMEOUT_MS, signal)
    const failure = describeFailure(result)
    if (failure !== null) throw failure
  }
}

function describeFailure(result: CommandResult): AppError | null {
  if (result.kind === 'absent') return new AppError('network-setup-failed', 'This command works only on a Mac.')
  if (result.kind !== 'exited')
    return new AppError('administrator-refused', 'The administrator password was not entered in time. Nothing was changed.')
  if (result.exitCode === 0) return null
  const reason = result.stderr.trim().split('\n').at(-1) ?? ''
  // AppleScript's number for Cancel, and sudo's message after three wrong passwords.
  if (/-128|a password is required|incorrect password/i.test(result.stderr))
    return new AppError('administrator-refused', 'The administrator password was not entered. Nothing was changed.')
  return new AppError('network-setup-failed', `macOS refused to change the network settings. Completed steps were undone: ${reason}`, {
    exitCode: result.exitCode,
    reason,
  })
}
