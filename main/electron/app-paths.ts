import { app } from 'electron'
import { arch, platform, release } from 'node:os'
import { basename, join } from 'node:path'
import { processHost } from '../cli/process-host.ts'
import { chooseMlxBuild } from '../domain/shell/choose-mlx-build.ts'
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

/** Where things are, in a checkout and in a package: there, what is no code lies beside the archive with the code. */
export function appPaths(): AppPaths {
  const root = app.getAppPath()
  return {
    node: nodePaths(),
    nodeEntry: join(root, 'dist', 'app-node.mjs'),
    preload: join(root, 'dist', 'app-preload.cjs'),
    popoverDir: join(root, 'dist', 'popover'),
    trayDir: join(root, 'assets', 'tray'),
    icon: join(root, 'assets', 'icons', 'linux', '256x256.png'),
    settingsFile: join(app.getPath('userData'), 'shell-settings.json'),
    logFile: join(app.getPath('logs'), 'app.log'),
  }
}

function nodePaths(): NodePaths {
  const { spawn: _, ...paths } = processHost()
  if (!app.isPackaged) return paths
  const { resourcesPath } = process
  return {
    ...paths,
    nativeAddon: join(resourcesPath, 'native', chooseMlxBuild({ platform: platform(), arch: arch(), release: release() }), 'exo_engine.node'),
    defaultModelFile: join(resourcesPath, 'models', basename(paths.defaultModelFile)),
    ducklakeFile: join(resourcesPath, 'ducklake', basename(paths.ducklakeFile)),
  }
}
