import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { commandScript, isCommandScript } from '../../domain/desktop/command-script.ts'
import { writeAsRoot } from '../../domain/desktop/as-root/write-as-root.ts'
import { createRunCommand } from '../../platform/processes/run-command.ts'
import { AppError } from '../../shared/app-error.ts'
import { ownProgram } from '../own-program.ts'

const PASSWORD_LIMIT_MS = 120_000

/** A folder in the PATH of users' shells; on Linux, one that does not require administrator rights. */
const commandFile = process.platform === 'darwin' ? '/usr/local/bin/exo' : join(homedir(), '.local', 'bin', 'exo')

/** The path of the command line tool if it runs this app at its current location; null otherwise. */
export function installedCommand(): string | null {
  return existing() === commandScript(ownProgram()) ? commandFile : null
}

const existing = (): string | null => (existsSync(commandFile) ? readFileSync(commandFile, 'utf8') : null)

/**
 * Puts `exo` in the PATH: a script that runs this app's own command line.
 *
 * @throws AppError `command-exists` if another program is there; `not-permitted`
 */
export async function installCommand(): Promise<string> {
  const found = existing()
  if (found !== null && !isCommandScript(found)) {
    throw new AppError('command-exists', `${commandFile} is another program. Move it, then try again.`, { path: commandFile })
  }
  const script = commandScript(ownProgram())
  if (isWritable()) writeFileSync(commandFile, script, { mode: 0o755 })
  else await writeAsAdministrator(script)
  return commandFile
}

function isWritable(): boolean {
  const folder = join(commandFile, '..')
  try {
    if (process.platform !== 'darwin') mkdirSync(folder, { recursive: true })
    accessSync(existsSync(commandFile) ? commandFile : folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** macOS itself asks for the password. */
async function writeAsAdministrator(content: string): Promise<void> {
  const result = await createRunCommand()(
    '/usr/bin/osascript',
    writeAsRoot(content, commandFile),
    PASSWORD_LIMIT_MS,
    new AbortController().signal,
  )
  if (result.kind !== 'exited' || result.exitCode !== 0)
    throw new AppError('not-permitted', `${commandFile} could not be written: an administrator's password is needed.`, {
      path: commandFile,
    })
}
