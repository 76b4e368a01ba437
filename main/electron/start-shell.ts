import { app, clipboard, dialog, shell } from 'electron'
import { desktopTexts } from '../domain/desktop/texts/desktop-texts.ts'
import { appMenu } from '../domain/desktop/windows/app-menu.ts'
import type { MenuAct } from '../domain/desktop/menu-entries.ts'
import { defaultDataDir } from '../platform/files/default-folders.ts'
import { systemClock } from '../platform/clock.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import { version } from '../shared/version.ts'
import type { Membership } from '../shared/wire/api/membership.ts'
import type { MembershipCall, ShellSettings } from '../shared/wire/shell/shell.ts'
import { installCommand, installedCommand } from './acts/install-command.ts'
import { setLoginItem } from './acts/login-item.ts'
import type { AppPaths } from './app-paths.ts'
import { serveShellCalls, tellPages } from './ipc/serve-shell-calls.ts'
import { callMembership } from './node/call-membership.ts'
import { followNode } from './node/follow-node.ts'
import type { NodeAccess } from './node/node-access.ts'
import { SupervisedNode } from './node/supervised-node.ts'
import type { AppLog } from './open-app-log.ts'
import { readSettingsFile, writeSettingsFile } from './settings-file.ts'
import { createShellStateStore } from './shell-state-store.ts'
import { showNotices } from './show-notices.ts'
import { openTray } from './tray/open-tray.ts'
import { startUpdates } from './updates/start-updates.ts'
import { createAppWindows } from './windows/app-windows.ts'
import { hardenApp } from './windows/harden-app.ts'
import { isOwnPage } from './windows/page-policy.ts'
import { openPopover } from './windows/popover-window.ts'
import { setAppMenu } from './windows/set-app-menu.ts'
import { servePopover } from './windows/serve-popover.ts'
import { checkOwnNode } from '../node/files/check-own-node.ts'

export interface Shell {
  /** Called when the app is started once more or its dock icon is clicked. */
  reopen(): void
  /** Resolves when none of its processes is running. */
  stop(): Promise<void>
  /** Ends the app once it has stopped, and installs the requested update if there is one. */
  leave(): void
}

/** Builds the app around a node: tray, popover, windows. Called when Electron is ready. */
export async function startShell(paths: AppPaths, log: AppLog): Promise<Shell> {
  const clock = systemClock
  const ending = new AbortController()
  let settings = readSettingsFile(paths.settingsFile, log)
  const { node: nodeConfig, frames: _frames, ...shellSettings } = settings
  const store = createShellStateStore({
    version,
    node: { kind: 'starting' },
    progress: null,
    view: null,
    membership: null,
    settings: shellSettings,
    update: { kind: 'current' },
    commandPath: installedCommand(),
  })
  const apiUrl = (): string | null => access?.apiUrl ?? null
  hardenApp(apiUrl, log)
  servePopover(paths.popoverDir)

  const texts = desktopTexts(app.getPreferredSystemLanguages())
  const dataDir = defaultDataDir()
  const windows = createAppWindows({
    preload: paths.preload,
    icon: paths.icon,
    apiUrl,
    check: (url) => checkOwnNode(dataDir, url),
    frames: () => settings.frames,
    onFrame: (kind, frame) => {
      settings = { ...settings, frames: { ...settings.frames, [kind]: frame } }
      try {
        writeSettingsFile(paths.settingsFile, settings)
      } catch (error) {
        log.warn('the place of a window could not be saved', { error })
      }
    },
    log,
  })
  setAppMenu(appMenu(process.platform, !app.isPackaged, texts), (act) => {
    switch (act.type) {
      case 'open-window':
        return windows.open(act.view)
      case 'new-chat':
        return windows.openNewChat()
      case 'show-log':
        return shell.showItemInFolder(paths.logFile)
      case 'open-reference':
        return run(apiUrl() === null ? Promise.resolve() : shell.openExternal(`${apiUrl()}/openapi.json`))
    }
  })
  const updates = startUpdates(
    { clock, log, isWanted: () => settings.updatesItself, onStatus: (update) => store.change({ update }) },
    ending.signal,
  )
  store.change({ update: updates.first })
  let following = new AbortController()
  /** Access to the running node; null while none is running. */
  let access: NodeAccess | null = null
  const node = new SupervisedNode(
    { entry: paths.nodeEntry, paths: paths.node, config: { startsAlone: true, ...nodeConfig, dataDir } },
    {
      clock,
      log,
      onOutput: (text) => log.append(text),
      onProgress: (progress) => store.change({ progress: progress.doneRatio < 1 ? progress : null }),
      onStatus: (status, apiToken = null) => {
        access = status.kind === 'running' ? { apiUrl: status.apiUrl, apiToken } : null
        following.abort()
        store.change({ node: status, view: null, membership: null, progress: null })
        if (status.kind !== 'running') return
        following = new AbortController()
        followNode({ apiUrl: status.apiUrl, apiToken }, (told) => store.change(told), clock, following.signal)
        windows.follow(status.apiUrl)
      },
    },
  )
  const copyApiAddress = async (): Promise<void> => {
    const url = apiUrl()
    if (url !== null) await clipboard.writeText(`${url}/v1`)
  }
  const changeMembership = async (call: MembershipCall): Promise<Membership> => {
    if (access === null) throw new AppError('node-not-running', 'exo is not running on this machine. Try again in a moment.')
    await checkOwnNode(dataDir, access.apiUrl)
    return callMembership(access, call)
  }
  const changeSettings = (part: Partial<ShellSettings>): void => {
    const changed = { ...settings, ...part }
    writeSettingsFile(paths.settingsFile, changed)
    settings = changed
    if (part.launchAtLogin !== undefined) setLoginItem(part.launchAtLogin)
    store.change({ settings: { ...store.current().settings, ...part } })
  }
  /** Runs an action of the menu. Errors are shown in the same way as all other notices. */
  const run = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => {
      log.error('a menu command failed', { error })
      dialog.showErrorBox('exo', errorMessage(error))
    })
  }
  const onAct = (act: MenuAct): void => {
    switch (act.type) {
      case 'open-window':
        return windows.open(act.view)
      case 'join-cluster':
        return run(changeMembership({ method: 'POST', path: '/cluster/join', body: { clusterName: act.clusterName } }))
      case 'leave-cluster':
        return run(changeMembership({ method: 'POST', path: '/cluster/leave', body: {} }))
      case 'copy-api-address':
        return run(copyApiAddress())
      case 'restart-node':
        return run(node.restart())
      case 'install-update':
        return updates.install()
      case 'quit':
        return app.quit()
    }
  }

  const popover = await openPopover(paths.preload, clock)
  serveShellCalls(
    {
      'get-state': () => store.current(),
      'open-window': (view) => {
        popover.hide()
        windows.open(view)
      },
      'hide-popover': () => popover.hide(),
      'fit-popover': (height) => popover.fit(height),
      'change-membership': changeMembership,
      'copy-api-address': copyApiAddress,
      'change-settings': changeSettings,
      'install-command': async () => store.change({ commandPath: await installCommand() }),
      'check-for-update': () => updates.check(),
      'install-update': () => updates.install(),
      'restart-node': () => node.restart(),
      'show-log': () => shell.showItemInFolder(paths.logFile),
      quit: () => app.quit(),
    },
    (url) => isOwnPage(url, apiUrl()),
  )
  const tray = openTray({ imagesDir: paths.trayDir, state: () => store.current(), texts, onClick: (icon) => popover.toggle(icon), onAct })
  store.onChange((state) => {
    tray.show(state)
    tellPages([popover.window, ...windows.all()], state)
  })
  showNotices(store, texts, () => windows.open('cluster'))
  tellPages([popover.window], store.current())
  node.start()

  return {
    reopen: () => (apiUrl() === null ? popover.show(null) : windows.open('chat')),
    async stop() {
      ending.abort()
      following.abort()
      await node.stop()
      tray.close()
      // `close` would only hide it.
      popover.window.destroy()
    },
    leave: () => void (updates.takeOver() || app.exit(0)),
  }
}
