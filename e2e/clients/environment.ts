import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cacheDir } from '../../main/platform/files/default-folders.ts'
import { runProgram } from '../node/run-exo.ts'
import { textHash } from './text-hash.ts'

export interface EnvironmentName {
  readonly kind: 'npm' | 'pypi'
  readonly name: string
  /** The least minor version of Python 3 that its packages need, if it is newer than the project's own. */
  readonly pythonMinor?: number
}

/** What npm, pip and Node print when a registry does not answer. */
const UNREACHABLE = new RegExp(
  [
    'ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT',
    'NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError',
    'name resolution|Network is unreachable|No module named pip',
    'This machine has no Python',
  ].join('|'),
  'i',
)

/** A client's packages could not be installed. */
export class NotInstalled extends Error {
  /** Whether the registry did not answer, in which case the test says nothing about the client. */
  readonly isUnreachable: boolean

  constructor(output: string) {
    super(output.trim().split('\n').slice(-8).join('\n'))
    this.isUnreachable = UNREACHABLE.test(output)
  }
}

/**
 * The first Python 3 with at least a minor version, among those on the path and those of pyenv.
 *
 * @throws NotInstalled
 */
export async function pythonProgram(minor = 0): Promise<string> {
  if (minor === 0) return 'python3'
  const pyenv = await readdir(join(homedir(), '.pyenv/versions')).catch(() => [])
  const named = ['python3', ...NEWER_MINORS.map((each) => `python3.${each}`)]
  const check = `import sys; sys.exit(sys.version_info < (3, ${minor}))`
  for (const program of [...named, ...pyenv.map((version) => join(homedir(), '.pyenv/versions', version, 'bin/python3'))]) {
    const { status } = await runProgram(program, ['-c', check], { timeoutMs: 10_000 }).catch(() => ({ status: 1 }))
    if (status === 0) return program
  }
  throw new NotInstalled(`This machine has no Python 3.${minor} or newer.`)
}

const NEWER_MINORS = [12, 13, 14]
const ENVIRONMENTS = join(import.meta.dirname, 'environments')

/**
 * The folder with a client's pinned packages, installed once for each version of the pins.
 *
 * @throws NotInstalled
 */
export async function environmentFolder({ kind, name, pythonMinor }: EnvironmentName, limitMs = 540_000): Promise<string> {
  const pins =
    kind === 'npm'
      ? ['package.json', 'package-lock.json'].map((file) => join(ENVIRONMENTS, 'npm', name, file)).filter((file) => existsSync(file))
      : [join(ENVIRONMENTS, 'pypi', `${name}.txt`)]
  const parent = join(cacheDir(), 'clients')
  const folder = join(parent, `${kind}-${name}-${await textHash(...pins)}`)
  if (existsSync(folder)) return folder
  await mkdir(parent, { recursive: true })
  const scratch = await mkdtemp(join(parent, 'fetching-'))
  try {
    for (const pin of pins) if (kind === 'npm') await cp(pin, join(scratch, pin.split('/').at(-1) ?? ''))
    const [program, commandArguments] =
      kind === 'npm'
        ? (['npm', [pins.length > 1 ? 'ci' : 'install', '--no-audit', '--no-fund', '--loglevel=error']] as const)
        : ([
            await pythonProgram(pythonMinor),
            [
              '-m',
              'pip',
              'install',
              '--quiet',
              '--no-input',
              '--no-deps',
              '--no-compile',
              '--only-binary',
              ':all:',
              '--target',
              scratch,
              ...pins.flatMap((pin) => ['-r', pin]),
            ],
          ] as const)
    const { status, stdout, stderr } = await runProgram(program, commandArguments, { cwd: scratch, timeoutMs: limitMs })
    if (status !== 0) throw new NotInstalled(`${stdout}\n${stderr}\n${program} ended with ${status ?? 'ETIMEDOUT'}`)
    await rename(scratch, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
    return folder
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
