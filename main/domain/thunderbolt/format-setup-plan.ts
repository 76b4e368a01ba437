import type { NetworkSetupPlan } from './plan-network-setup.ts'
import type { SetupCommand } from './setup-command.ts'

/** A command as a shell line. */
export function shellLine(command: SetupCommand): string {
  return command.map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

/**
 * A script for a single administrator prompt, which runs all commands or none: if one fails, those before it are undone
 * at once, so that no partial change remains.
 */
export function setupScript(commands: readonly SetupCommand[], undoCommands: readonly SetupCommand[]): string {
  const undoLines = undoCommands.map((command) => `  ${shellLine(command)} >/dev/null 2>&1 || :`)
  return ['set -e', 'undo() {', ...undoLines, '  :', '}', 'trap undo EXIT', ...commands.map(shellLine), 'trap - EXIT', ''].join('\n')
}

/** Every line is tried, because some changes may already be undone. */
export function undoScript(undoCommands: readonly SetupCommand[]): string {
  return [...undoCommands.map((command) => `${shellLine(command)} >/dev/null 2>&1 || :`), ''].join('\n')
}

/** The plan as text: each step with its purpose, and the things that commands cannot do. */
export function formatSetupPlan({ steps, notes }: NetworkSetupPlan): string {
  const commands = steps.flatMap(({ explanation, command }) => [`# ${explanation}`, `sudo ${shellLine(command)}`])
  const heading = steps.length === 0 ? ['Nothing to set up: the bridge is off, and each cable has its own network.'] : commands
  return [...heading, ...notes.map((note) => `Note: ${note}`)].join('\n')
}
