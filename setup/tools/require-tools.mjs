import { spawnSync } from 'node:child_process'
import { SetupError } from '../setup-error.mjs'

/** @typedef {{ name: string, command: readonly [string, ...string[]], debian: string, mac: string }} Tool */

/**
 * @type {Readonly<Record<'npm' | 'python' | 'pip' | 'compiler' | 'crossCompiler' | 'cmake' | 'ninja' | 'sevenZip' | 'xorriso' | 'dpkgDeb' |
 *   'squashfs' | 'desktopFiles' | 'cargo', Tool>>}
 */
export const tools = {
  npm: { name: 'npm', command: ['npm', '--version'], debian: 'apt install npm', mac: 'brew install node' },
  python: { name: 'Python 3', command: ['python3', '--version'], debian: 'apt install python3', mac: 'brew install python' },
  pip: {
    name: 'pip for Python 3',
    command: ['python3', '-m', 'pip', '--version'],
    debian: 'apt install python3-pip',
    mac: 'brew install python',
  },
  compiler: { name: 'a C++ compiler', command: ['c++', '--version'], debian: 'apt install g++', mac: 'xcode-select --install' },
  crossCompiler: {
    name: 'a C++ compiler for arm64',
    command: ['aarch64-linux-gnu-g++', '--version'],
    debian: 'apt install g++-aarch64-linux-gnu',
    mac: 'build on Linux',
  },
  cmake: { name: 'CMake', command: ['cmake', '--version'], debian: 'apt install cmake', mac: 'brew install cmake' },
  ninja: { name: 'Ninja', command: ['ninja', '--version'], debian: 'apt install ninja-build', mac: 'brew install ninja' },
  sevenZip: { name: '7-Zip', command: ['7zz', 'i'], debian: 'apt install 7zip', mac: 'brew install sevenzip' },
  xorriso: { name: 'xorriso', command: ['xorriso', '--version'], debian: 'apt install xorriso', mac: 'brew install xorriso' },
  dpkgDeb: { name: 'dpkg-deb', command: ['dpkg-deb', '--version'], debian: 'apt install dpkg', mac: 'brew install dpkg' },
  squashfs: { name: 'mksquashfs', command: ['mksquashfs', '-version'], debian: 'apt install squashfs-tools', mac: 'brew install squashfs' },
  desktopFiles: {
    name: 'desktop-file-validate',
    command: ['desktop-file-validate', '--help'],
    debian: 'apt install desktop-file-utils',
    mac: 'brew install desktop-file-utils',
  },
  cargo: { name: 'Cargo', command: ['cargo', '--version'], debian: 'apt install cargo', mac: 'brew install rust' },
}

/**
 * @param {readonly Tool[]} needed
 * @throws SetupError that names every missing tool and how to get it
 */
export function requireTools(needed) {
  const missing = needed.filter(({ command: [program, ...rest] }) => spawnSync(program, rest, { stdio: 'ignore' }).status !== 0)
  if (missing.length === 0) return
  const commands = missing.map((tool) => `  ${tool.name}: ${process.platform === 'darwin' ? tool.mac : tool.debian}`)
  throw new SetupError(`Set-up needs programs that are missing. Install them and try again:\n${commands.join('\n')}`)
}
