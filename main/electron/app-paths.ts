import { app } from 'electron'
import { join } from 'node:path'
import { installedFiles } from '../cli/process-host.ts'
import type { NodePaths } from './node/node-message.ts'

export interface AppPaths {
  readonly node: NodePaths
  readonly nodeEntry: string
  readonly preload: string
  readonly popoverDir: string
  readonly trayDir: string
  readonly icon: string
  readonly settingsFile: string
  readonly logFile: string
}

export function appPaths(): AppPaths {
  const root = app.getAppPath()
  return {
    node: installedFiles(),
    nodeEntry: join(root, 'dist', 'app-node.mjs'),
    preload: join(root, 'dist', 'app-preload.cjs'),
    popoverDir: join(root, 'dist', 'popover'),
    trayDir: join(root, 'assets', 'tray'),
    icon: join(root, 'assets', 'icons', 'linux', '256x256.png'),
    settingsFile: join(app.getPath('userData'), 'shell-settings.json'),
    logFile: join(app.getPath('logs'), 'app.log'),
  }
}
