import { systemClock } from '../../platform/clock.ts'
import { engineOptions } from './engine-options.ts'
import { loadEngine } from './load-engine.ts'
import { openParentChannel } from '../../platform/processes/parent-channel.ts'
import { readProcessUsage } from '../../platform/processes/process-usage.ts'
import { runShardWorker } from './shard-worker.ts'

const channel = openParentChannel()

// The worker ends with the node: a clean-up is not worth an orphan that holds memory.
channel.onClose(() => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole process group; the node decides when its workers end.
process.on('SIGINT', () => undefined)

const worker = runShardWorker({
  channel,
  loadEngine: () => loadEngine(process.env['EXO_NATIVE_ADDON'], engineOptions(process.env)),
  clock: systemClock,
  processId: process.pid,
  cpuMs: () => readProcessUsage().cpuSeconds * 1_000,
  exit: (status) => process.exit(status),
})
process.on('uncaughtException', (error) => void worker.fail(error))
