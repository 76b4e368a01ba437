import { execFileSync } from 'node:child_process'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { cacheDir } from '../../main/platform/files/default-folders.ts'
import { projectDir } from '../node/run-exo.ts'
import { startDisplay } from './start-display.ts'
import { startSystemTray, type SystemTray } from './system-tray.ts'

/** A package's executable; undefined: the checkout runs in the pinned Electron. */
export const packagedApp = process.env['EXO_PACKAGED_APP']

/** Chromium refuses to run as root with its sandbox. */
const isRoot = process.getuid?.() === 0

export interface RunningApp {
  readonly electron: ElectronApplication
  readonly popover: Page
  readonly tray: SystemTray
  /** The home folder of its user, used by nothing else. */
  readonly home: string
  readonly dataDir: string
  /** The executable and the arguments that start the app. */
  readonly program: readonly string[]
  readonly processId: number
  /** Value of `performance.now()`. */
  readonly startedAtMs: number
  /** The shell's state, as its pages receive it. */
  state(): Promise<any>
  /** The page of the app that shows this view; waits until it exists. */
  page(view: string): Promise<Page>
  /** The app's whole log. */
  log(): Promise<string>
  /** Quits the app as its menu does. */
  quit(): Promise<void>
  /** Removes its folders and its display. */
  clean(): Promise<void>
}

export interface StartAppOptions {
  /** Parts of the node's configuration. */
  readonly node?: Record<string, unknown>
  /** Default: a new folder, removed with the app's other folders. */
  readonly dataDir?: string
  /** Another package's executable. */
  readonly executable?: string | undefined
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts the app with its own folders and its node on a free port, invisible to the network. */
export async function startApp({
  node = {},
  executable = packagedApp,
  environment = {},
  ...given
}: StartAppOptions = {}): Promise<RunningApp> {
  const display = await startDisplay()
  const tray = await startSystemTray(display.name)
  const home = await mkdtemp(join(tmpdir(), 'exo-app-'))
  const dataDir = given.dataDir ?? join(home, 'data')
  const userDir = join(home, 'config', 'exo')
  await mkdir(userDir, { recursive: true })
  await writeFile(join(userDir, 'shell-settings.json'), JSON.stringify({ node: { port: 0, mdns: false, broadcast: false, ...node } }))
  const program = executable === undefined ? [join(electronDir(), 'electron'), projectDir] : [executable]
  const startedAtMs = performance.now()
  const electron = await _electron.launch({
    executablePath: program[0] ?? '',
    args: [...(isRoot ? ['--no-sandbox'] : []), '--disable-gpu', ...program.slice(1)],
    chromiumSandbox: !isRoot,
    env: { ...appEnvironment(home), EXO_HOME: dataDir, DISPLAY: display.name, ...environment },
    timeout: 60_000,
  })
  const popover = await electron.firstWindow({ timeout: 60_000 })
  await popover.getByRole('button', { name: 'Quit exo' }).waitFor({ state: 'attached', timeout: 60_000 })
  return {
    electron,
    popover,
    tray,
    home,
    dataDir,
    program,
    processId: electron.process().pid ?? 0,
    startedAtMs,
    state: () => popover.evaluate('exoShell.call("get-state").then(({ value }) => value)'),
    async page(view) {
      // The chat's address also names the conversation.
      const address = new RegExp(`/dashboard#/${view}(/|$)`)
      const isIt = (page: Page): boolean => address.test(page.url())
      const opened =
        electron.windows().find(isIt) ??
        (await electron.waitForEvent('window', {
          predicate: (page) => page.waitForURL(address).then(() => true),
          timeout: 60_000,
        }))
      const start = opened.getByRole('button', { name: 'Start chatting' })
      await start
        .or(opened.getByRole('navigation', { name: 'Places' }))
        .first()
        .waitFor()
      if (await start.isVisible()) await start.click()
      return opened
    },
    log: () => readFile(join(userDir, 'logs', 'app.log'), 'utf8'),
    quit: async () => {
      const closed = electron.waitForEvent('close', { timeout: 60_000 })
      await popover.evaluate('exoShell.call("quit")').catch(() => undefined) // the page may close before the answer arrives
      await closed
    },
    clean: async () => {
      await electron.close().catch(() => undefined) // it has quit already
      await tray.stop()
      await display.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Returns the folder of the pinned Electron, which set-up has downloaded. */
function electronDir(): string {
  return execFileSync(process.execPath, [join(projectDir, 'setup', 'electron', 'fetch-electron.mjs')], { encoding: 'utf8' }).trim()
}

/**
 * The environment of a user with this home folder, whose node uses the folder `data` in it. Leaves out Vitest's own variables.
 */
export function appEnvironment(home: string): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name === 'NODE_OPTIONS' || name.startsWith('VITEST') ? [] : [[name, value] as const],
  )
  return {
    ...Object.fromEntries(own),
    HOME: home,
    EXO_HOME: join(home, 'data'),
    EXO_CACHE: cacheDir(),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
  }
}
