import { constants, setPriority } from 'node:os'
import { systemClock } from '../../platform/clock.ts'
import { openParentChannel } from '../../platform/processes/parent-channel.ts'
import { historyFolder } from '../history-folder.ts'
import { HistoryWorker } from './history-worker.ts'

const { EXO_HISTORY_DIR: dir, EXO_DUCKLAKE_EXTENSION: extensionFile } = process.env
if (dir === undefined || extensionFile === undefined)
  throw new Error('The history process is started by a node and cannot be run on its own.')

// Inference takes precedence.
setPriority(constants.priority.PRIORITY_LOW)
// Ctrl-C reaches the whole process group; the node decides when its processes end.
process.on('SIGINT', () => undefined)

const channel = openParentChannel()
const worker = new HistoryWorker({
  folder: historyFolder(dir),
  extensionFile,
  channel,
  clock: systemClock,
  exit: (status) => process.exit(status),
})
// Lets a running transaction finish.
channel.onClose(() => worker.close())
