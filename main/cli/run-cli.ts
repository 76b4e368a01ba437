import { CommanderError } from 'commander'
import { ZodError } from 'zod'
import type { SpawnProcess } from '../platform/processes/spawn-process.ts'
import { errorMessage } from '../shared/app-error.ts'
import { ExitStatus } from './exit-status.ts'
import { createProgram } from './program.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/**
 * Runs the command line to its end.
 *
 * @param commandArguments - without the program's own name
 * @param spawn - starts other processes
 * @returns the exit status: 0; 1 for a failure, with a one-line reason on stderr; 2 for wrong usage; that of a tool that it ran
 */
export async function runCli(
  commandArguments: readonly string[],
  spawn: SpawnProcess,
  terminal: Terminal = createTerminal(process.stdout, process.stderr),
): Promise<number> {
  try {
    await createProgram(terminal, spawn).parseAsync(commandArguments, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof ExitStatus) return error.status
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    terminal.error(`exo: ${describe(error).replace(/\s*\n\s*/g, ' ')}`)
    return error instanceof UsageError ? 2 : 1
  }
}

function describe(error: unknown): string {
  if (!(error instanceof ZodError)) return errorMessage(error)
  const [issue] = error.issues
  return `invalid input at ${issue?.path.join('.') || 'the top level'}: ${issue?.message ?? 'unknown'}`
}
