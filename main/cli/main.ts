import { forkProcess } from '../platform/processes/fork-process.ts'
import { runCli } from './run-cli.ts'

process.exitCode = await runCli(process.argv.slice(2), forkProcess)
// What is still open (a keep-alive socket, an idle worker thread) must not hold the terminal; output is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
