import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkAddon } from '../../../native/cross/check-mach-o.mjs'
import { readMachO } from '../../../native/cross/read-mach-o.mjs'
import { MINIMUM_MACOS } from '../builder-config.mjs'
import { check } from './check.mjs'
import { readHead } from '../read-head.mjs'

const ADDON_RPATHS = ['@loader_path', '@loader_path/mlx/lib']
/** The differences between MLX's builds: the minimum macOS, and whether they support RDMA over Thunderbolt. */
const MLX_BUILDS = /** @type {Readonly<Record<string, { macos: string, hasJaccl: boolean }>>} */ ({
  'macos14-arm64': { macos: '14.0', hasJaccl: false },
  'macos26-arm64': { macos: '26.2', hasJaccl: true },
})

/**
 * Checks one build of MLX together with the engine.
 *
 * @param {string} folder
 * @param {string} mlxBuild
 * @returns {import('./check.mjs').Check[]}
 */
export function checkMacEngine(folder, mlxBuild) {
  const needed = ['exo_engine.node', 'mlx/lib/libmlx.dylib', 'mlx/lib/mlx.metallib', 'mlx/lib/libjaccl.dylib']
  const missing = needed.filter((name) => !existsSync(join(folder, name)))
  const inPlace = check(`${mlxBuild}: the engine, MLX and its kernels are in place`, missing)
  if (missing.length > 0) return [inPlace]
  const image = (/** @type {string} */ name) => readMachO(readFileSync(join(folder, name)))
  const { macos = '', hasJaccl = false } = MLX_BUILDS[mlxBuild] ?? {}
  const libmlx = image('mlx/lib/libmlx.dylib')
  const ofMlx = [
    check(`${mlxBuild}: MLX and its kernels are for macOS ${macos}`, [
      ...(libmlx.deploymentTarget === macos ? [] : [`libmlx is for ${libmlx.deploymentTarget}`]),
      ...kernelProblems(join(folder, 'mlx', 'lib', 'mlx.metallib'), macos),
    ]),
    check(
      `${mlxBuild}: MLX ${hasJaccl ? 'loads' : 'does not load'} JACCL`,
      libmlx.libraries.includes('@rpath/libjaccl.dylib') === hasJaccl ? [] : [libmlx.libraries.join(', ')],
    ),
  ]
  const checks = checkAddon(image('exo_engine.node'), libmlx, { deploymentTarget: MINIMUM_MACOS, rpaths: ADDON_RPATHS })
  return [inPlace, ...ofMlx, ...checks.map(({ name, problem }) => ({ name: `${mlxBuild}: the engine ${name}`, problem }))]
}

/**
 * Checks the header of a Metal library, which names its macOS version and its length.
 *
 * @param {string} file
 * @param {string} macos
 * @returns {string[]}
 */
function kernelProblems(file, macos) {
  const head = readHead(file, 24)
  const [magic, target, bytes] = [
    head.toString('latin1', 0, 4),
    `${head.readUInt16LE(12)}.${head.readUInt16LE(14)}`,
    Number(head.readBigUInt64LE(16)),
  ]
  const size = statSync(file).size
  return [
    ...(magic === 'MTLB' ? [] : ['the kernels are not a Metal library']),
    ...(target === macos ? [] : [`the kernels are for macOS ${target}`]),
    ...(bytes === size ? [] : [`the kernels have ${size} of ${bytes} bytes`]),
  ]
}
