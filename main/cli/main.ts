import { forkProcess } from '../platform/processes/fork-process.ts'
import { runCli } from './run-cli.ts'

process.exitCode = await runCli(process.argv.slice(2), forkProcess)
// Open handles (a keep-alive socket, an idle worker thread) must not keep the process alive; output is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
