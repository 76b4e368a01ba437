import { app } from 'electron'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunCommand } from '../../platform/run-command.ts'
import { AppError } from '../../shared/app-error.ts'

const PASSWORD_LIMIT_MS = 120_000
const MARK = '# Made by the exo app.'

/** Where people's shells look for programs; on Linux without asking for an administrator. */
const commandFile = process.platform === 'darwin' ? '/usr/local/bin/exo' : join(homedir(), '.local', 'bin', 'exo')

/** The path of the command line tool, where this app has put it; null where it has not. */
export function installedCommand(): string | null {
  return existsSync(commandFile) && readFileSync(commandFile, 'utf8').includes(MARK) ? commandFile : null
}

/**
 * Puts `exo` into the PATH: a script that runs this app's own command line.
 *
 * @throws AppError `command-exists` where another program stands there; `not-permitted`
 */
export async function installCommand(): Promise<string> {
  if (existsSync(commandFile) && installedCommand() === null) {
    throw new AppError('command-exists', `${commandFile} is another program. Move it away, then try again.`, { path: commandFile })
  }
  const script = `#!/bin/sh\n${MARK}\nexec "${process.env['APPIMAGE'] ?? app.getPath('exe')}" --cli -- "$@"\n`
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

/** macOS asks for the password itself. */
async function writeAsAdministrator(content: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'exo-command-'))
  try {
    const file = join(scratch, 'exo')
    writeFileSync(file, content, { mode: 0o755 })
    const shellCommand = `/bin/mkdir -p /usr/local/bin && /bin/cp '${file}' '${commandFile}' && /bin/chmod 755 '${commandFile}'`
    const script = `do shell script "${shellCommand}" with administrator privileges`
    const result = await createRunCommand()('/usr/bin/osascript', ['-e', script], PASSWORD_LIMIT_MS, new AbortController().signal)
    if (result.kind !== 'exited' || result.exitCode !== 0) throw new AppError('not-permitted', `${commandFile} could not be written: an administrator's password is needed.`, { path: commandFile })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
