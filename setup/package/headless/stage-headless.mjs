import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defaultModelPath, fetchDefaultModel } from '../../fetch/fetch-default-model.mjs'
import { fetchDucklake } from '../../fetch/fetch-ducklake.mjs'
import { MLX_VERSION } from '../../fetch/fetch-mlx.mjs'
import { fetchNode, NODE_VERSION } from '../../fetch/fetch-node.mjs'
import { projectDir } from '../../project-paths.mjs'
import { SetupError } from '../../setup-error.mjs'
import { node24 } from '../../tools/node-24.mjs'
import { copyNpmPackage } from '../../fetch/fetch-npm-package.mjs'
import { givenUpdateKey, publicPem } from '../signing/sign-update-feed.mjs'
import { stageEngine } from '../stage-engine.mjs'
import { packageTargets } from '../targets.mjs'
import { NOTICES_FILE, thirdPartyNotices } from '../third-party-notices.mjs'
import { sbomOf } from './sbom.mjs'
import { slimStaged } from './slim-staged.mjs'

/** The program without the app. */
const BUNDLES = ['exo', 'worker', 'tokenizer-thread', 'datagram-thread', 'body-thread', 'history']

const LAUNCHER = `#!/bin/sh
# Finds its own folder, also through links, and runs the program on the Node beside it.
set -eu
self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
root=$(CDPATH='' cd "$(dirname "$self")/.." && pwd -P)
exec "$root/node" "$root/dist/exo.mjs" "$@"
`

/** @typedef {{ commit: string | null, epochSeconds: number }} Source */

/** The commit of the checkout and its time, which stands for the time of the build. @returns {Source} */
function sourceOf() {
  try {
    const [commit = '', seconds = ''] = execFileSync('git', ['log', '-1', '--format=%H %ct'], { cwd: projectDir, encoding: 'utf8' })
      .trim()
      .split(' ')
    return { commit, epochSeconds: Number(process.env.SOURCE_DATE_EPOCH ?? seconds) }
  } catch {
    // An unpacked archive of the source has no history.
    return { commit: null, epochSeconds: Number(process.env.SOURCE_DATE_EPOCH ?? 0) }
  }
}

/**
 * A folder with everything that a node needs, which runs from any place: Node, the program, the engine with MLX, the default model.
 *
 * @param {import('../targets.mjs').PackageTargetName} target - this machine's, or linux-arm64 on Linux
 * @param {string} folder - is replaced
 * @param {{ hasModel?: boolean }} options
 */
export async function stageHeadless(target, folder, { hasModel = true } = {}) {
  const { mlxBuilds, duckdb } = packageTargets[target]
  if (!buildableTargets().includes(target))
    throw new SetupError(
      `A package for ${target} is built on such a machine. Here, packages can be built for ${buildableTargets().join(', ')}.`,
    )
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'bin'), { recursive: true })
  mkdirSync(join(folder, 'dist'))
  const node = realpathSync(await fetchNode(target))
  copyFileSync(node, join(folder, 'node'))
  chmodSync(join(folder, 'node'), 0o755)
  for (const name of BUNDLES) copyFileSync(join(projectDir, 'dist', `${name}.mjs`), join(folder, 'dist', `${name}.mjs`))
  cpSync(join(projectDir, 'dist', 'renderer'), join(folder, 'dist', 'renderer'), { recursive: true })
  cpSync(join(projectDir, 'assets', 'model-cards'), join(folder, 'assets', 'model-cards'), { recursive: true })
  for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', duckdb]) await copyNpmPackage(name, join(folder, 'node_modules', name))
  const [mlxBuild = ''] = mlxBuilds
  await stageEngine(mlxBuild, join(folder, 'build', 'native'))
  mkdirSync(join(folder, 'ducklake'))
  const ducklake = await fetchDucklake(target)
  copyFileSync(ducklake, join(folder, 'ducklake', basename(ducklake)))
  if (hasModel) {
    await fetchDefaultModel()
    mkdirSync(join(folder, 'models'))
    copyFileSync(defaultModelPath, join(folder, 'models', basename(defaultModelPath)))
  }
  writeFileSync(join(folder, 'bin', 'exo'), LAUNCHER, { mode: 0o755 })
  const { name, version, description, license } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  const { commit, epochSeconds } = sourceOf()
  const nodeVersion =
    target === 'darwin-arm64' ? execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().replace(/^v/, '') : NODE_VERSION
  const key = givenUpdateKey(process.env)
  if (key) writeFileSync(join(folder, 'update-key.pem'), publicPem(key))
  const build = { commit, mlx: MLX_VERSION, target, ...(key ? feedOf(process.env) : {}) }
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, description, license, type: 'module', exoBuild: build }, null, 2)}\n`,
  )
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbomOf({ version, epochSeconds, nodeVersion }), null, 2)}\n`)
  writeFileSync(join(folder, NOTICES_FILE), await thirdPartyNotices(target))
  copyFileSync(join(projectDir, 'LICENSE'), join(folder, 'LICENSE'))
  await slimStaged(folder, target)
  writeShellFiles(folder)
  return { version, epochSeconds }
}

/** Where `exo update` looks. @param {Readonly<Record<string, string | undefined>>} environment - EXO_UPDATE_FEED */
function feedOf({ EXO_UPDATE_FEED: updateFeed }) {
  return updateFeed?.startsWith('https://') ? { updateFeed } : {}
}

/** Manual pages and completions, printed by the staged program itself, on this machine's Node. @param {string} folder */
function writeShellFiles(folder) {
  const exo = [join(folder, 'dist', 'exo.mjs')]
  const node = node24() ?? process.execPath
  const man = join(folder, 'share', 'man', 'man1')
  execFileSync(node, [...exo, 'man-pages', man], { stdio: 'ignore' })
  if (readdirSync(man).length === 0) throw new SetupError('The staged program wrote no manual pages.')
  const scripts = /** @type {const} */ ([
    ['bash', 'share/bash-completion/completions', 'exo'],
    ['zsh', 'share/zsh/site-functions', '_exo'],
    ['fish', 'share/fish/vendor_completions.d', 'exo.fish'],
  ])
  for (const [shell, place, name] of scripts) {
    mkdirSync(join(folder, place), { recursive: true })
    writeFileSync(join(folder, place, name), execFileSync(node, [...exo, 'completion', shell]))
  }
}

/** The targets for which this machine builds packages, its own first. @returns {import('../targets.mjs').PackageTargetName[]} */
export function buildableTargets() {
  const host = `${process.platform}-${process.arch}`
  const targets = /** @type {import('../targets.mjs').PackageTargetName[]} */ (Object.keys(packageTargets))
  return targets
    .filter((target) => target === host || (host === 'linux-x64' && target === 'linux-arm64'))
    .sort((a) => (a === host ? -1 : 1))
}
