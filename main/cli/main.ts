import { CommanderError } from 'commander'
import { ZodError } from 'zod'
import { errorMessage } from '../shared/app-error.ts'
import { createProgram } from './program.ts'
import { createTerminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const terminal = createTerminal(process.stdout, process.stderr)

/** Exit status: 0; 1 a failure, its one-line reason on stderr; 2 wrong usage. */
async function main(): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(process.argv)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    terminal.error(`exo: ${describe(error).replace(/\s*\n\s*/g, ' ')}`)
    return error instanceof UsageError ? 2 : 1
  }
}

function describe(error: unknown): string {
  if (!(error instanceof ZodError)) return errorMessage(error)
  const [issue] = error.issues
  return `invalid input at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'unknown'}`
}

process.exitCode = await main()
// What is still open (a keep-alive socket, an idle worker thread) must not hold the terminal; output is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
