import { uptime } from 'node:os'
import { NodeConfig, type NodeOptions } from '../node/config/node-config.ts'
import { createLog } from '../platform/log/log.ts'
import { logOutput } from '../platform/log/open-log-output.ts'
import { createLastResort } from './last-resort.ts'

/** Restarts the program in this process after an uncaught error, so that its supervisor sees the same process id. */
export function watchFaults(options: NodeOptions): ReturnType<typeof createLastResort> {
  const { logLevel, logFormat, logFile } = NodeConfig.parse(options)
  const log = createLog({ level: logLevel, format: logFormat, write: logOutput(logFile) })
  const { execve } = process
  // The desktop app starts and supervises its node itself.
  const canExec = execve !== undefined && process.versions['electron'] === undefined
  const resort = createLastResort({
    environment: process.env,
    // Across restarts of the program, and not the time of day, which may be set meanwhile.
    now: () => Math.round(uptime() * 1000),
    exec: canExec
      ? (environment) => execve(process.execPath, [process.argv0, ...process.execArgv, ...process.argv.slice(1)], environment)
      : null,
    exit: (status) => process.exit(status),
    log: (message, fields) => log.error(message, fields),
  })
  // Unhandled rejections arrive here too.
  process.on('uncaughtException', (error, origin) => resort.fault(error, origin))
  return resort
}
