import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, release } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'
import { SetupError } from '../setup-error.mjs'

export const MLX_VERSION = '0.32.4'

/** Per target: pip's platform tag and, per package, the sha256 of its wheel. The headers' wheel is the cp311 one on any Python. */
const TARGETS = {
  'linux-x64': {
    platform: 'manylinux_2_35_x86_64',
    wheels: {
      mlx: '6267be0db81a9d850b3ecd9bf0cf7dd0f439408db9fbc59237e37fda3f7676b0',
      'mlx-cpu': '0e0a24fa2ce8b6b94d2e6a90604e8813aa8e29fcb918bb2aa01cfb6d133d8cee',
    },
  },
  // The library alone: its headers are those of the wheel for CPUs, and NVIDIA's libraries are the machine's.
  'linux-x64-cuda': {
    platform: 'manylinux_2_35_x86_64',
    wheels: { 'mlx-cuda-12': 'f385c7af7c1f63a9d6ce3e442e1c9ba881c881bcb45c6534ff8155b359da47e5' },
  },
  'linux-arm64': {
    platform: 'manylinux_2_35_aarch64',
    wheels: {
      mlx: 'a01855e2c023e64683798d7148f9760c59b32be6e43f4bcbea8eb8137b650a5b',
      'mlx-cpu': '1289e85e64af1fd16380bf331438bfe4afe875d27afc3e0bcf35f427c488fadd',
    },
  },
  'macos14-arm64': {
    platform: 'macosx_14_0_arm64',
    wheels: {
      mlx: 'dd0c9070d9c362fe280a0224806b1b47719b154984735041ebcc907e597c08ca',
      'mlx-metal': '8019b2db622599267d66cc168b2f0dbf5af929790a6c3b3913e00eabc42a7947',
    },
  },
  'macos26-arm64': {
    platform: 'macosx_26_0_arm64',
    wheels: {
      mlx: 'dfd5269398bb64372137d8c354530b6e81159ce0e92fd1ed7e9140b294fd939a',
      'mlx-metal': '514df92d41a286895d2564b4b18f4da45096bd7a4a0c47e1042f345ad5a7f936',
    },
  },
}

/** This machine's target. */
export function hostTarget() {
  return platform() === 'darwin' ? macTarget(release()) : `${platform()}-${arch()}`
}

/**
 * The wheel with JACCL is built for macOS 26.2, whose kernel is Darwin 25.2. Older systems cannot load it.
 *
 * @param {string} darwinRelease - for example `25.2.0`
 */
export function macTarget(darwinRelease) {
  const [major = 0, minor = 0] = darwinRelease.split('.').map((part) => Number.parseInt(part, 10))
  return major > 25 || (major === 25 && minor >= 2) ? 'macos26-arm64' : 'macos14-arm64'
}

/**
 * The target whose library the engine is linked with, if it is not this machine's own: `EXO_MLX=cuda` takes the one for NVIDIA's GPUs.
 *
 * @param {string | undefined} wish - `EXO_MLX`
 * @returns {string | null}
 * @throws SetupError if there is no such library
 */
export function otherLibrary(wish = process.env.EXO_MLX, host = hostTarget()) {
  if (wish === undefined || wish === '') return null
  if (wish === 'cuda' && host === 'linux-x64') return 'linux-x64-cuda'
  throw new SetupError(`EXO_MLX=${wish} is not possible on ${host}: it can be 'cuda', on Linux x64, or unset.`)
}

/** The folder of the unpacked MLX, whether or not it exists yet. */
export const mlxFolder = (target = hostTarget()) => join(cacheDir, `mlx-${MLX_VERSION}-${target}`)

/**
 * Downloads MLX's official wheels, checks them against their pinned hashes and unpacks them side by side in the cache.
 * Returns at once if they are already there.
 *
 * @param {string} target
 * @returns {Promise<string>} the folder that holds `mlx/` (`include`, `lib`, `share/cmake`) and, on Linux, `mlx_cpu.libs/`
 * @throws Error if there is no wheel for this machine, or pip fails
 */
export async function fetchMlx(target = hostTarget()) {
  const wanted = TARGETS[/** @type {keyof typeof TARGETS} */ (target)]
  if (!wanted) throw new Error(`MLX has no wheel for ${target}; exo runs on Apple Silicon and on Linux (x64, arm64)`)
  const folder = mlxFolder(target)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  // Unpacked in a temporary folder and renamed, so that an interrupted run leaves no incomplete folder.
  const scratch = mkdtempSync(join(cacheDir, 'fetching-mlx-'))
  try {
    for (const [name, sha256] of Object.entries(wanted.wheels)) await downloadWheel({ name, sha256, platformTag: wanted.platform, scratch })
    const unpacked = join(scratch, 'unpacked')
    for (const wheel of readdirSync(scratch).filter((file) => file.endsWith('.whl'))) {
      await runLogged('unpack-mlx', 'python3', ['-m', 'zipfile', '-e', join(scratch, wheel), unpacked])
    }
    if (!existsSync(folder)) renameSync(unpacked, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

/** @param {{ name: string, sha256: string, platformTag: string, scratch: string }} wheel */
async function downloadWheel({ name, sha256, platformTag, scratch }) {
  const requirements = join(scratch, `${name}.txt`)
  writeFileSync(requirements, `${name}==${MLX_VERSION} --hash=sha256:${sha256}\n`)
  const abi = name === 'mlx' ? 'cp311' : 'none'
  const tags = ['--implementation', 'cp', '--python-version', '3.11', '--abi', abi, '--platform', platformTag]
  await runLogged('fetch-mlx', 'python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    ...tags,
    '--dest',
    scratch,
    '-r',
    requirements,
  ])
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await fetchMlx())
