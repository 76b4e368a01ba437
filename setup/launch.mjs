// Called by ./exo before the program. Prints the path of the Node that runs it.
import { bringUp } from './bring-up.mjs'
import { node24 } from './tools/node-24.mjs'
import { stopRunning } from './run-logged.mjs'
import { SetupError } from './setup-error.mjs'

const quickArguments = ['-h', '--help', '-V', '--version', 'help']

/** @param {number} status */
function stop(status) {
  stopRunning()
  process.exit(status)
}

// If the launching shell is killed, this process keeps running: detect that and stop.
const launcherId = process.ppid
setInterval(() => process.ppid === launcherId || stop(1), 500).unref()
process.once('SIGINT', () => stop(130))
process.once('SIGTERM', () => stop(143))

try {
  await bringUp({ isQuick: process.argv.slice(2).some((argument) => quickArguments.includes(argument)) })
  process.stdout.write(`${node24()}\n`)
} catch (error) {
  const reason = error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`exo: ${reason}\n`)
  process.exitCode = 1
}
