import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { runCli } from '../run-cli.ts'

export interface CommandLineRun {
  readonly status: number
  readonly out: string
  readonly err: string
}

const spawnNothing: SpawnProcess = () => {
  throw new Error('This command starts no process.')
}

/** Runs the command line inside the test's process and collects its output. */
export async function runCommandLine(...commandArguments: string[]): Promise<CommandLineRun> {
  let out = ''
  let err = ''
  const status = await runCli(commandArguments, spawnNothing, {
    write: (text) => void (out += text),
    say: (text) => void (out += text),
    line: (text) => void (out += `${text}\n`),
    error: (text) => void (err += `${text}\n`),
    progress: () => ({ update: () => undefined, end: () => undefined }),
    readerGone: new Promise(() => undefined),
  })
  return { status, out, err }
}
