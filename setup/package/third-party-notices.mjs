import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchMlx } from '../fetch/fetch-mlx.mjs'
import { fetchXgrammar } from '../fetch/fetch-xgrammar.mjs'
import { projectDir } from '../project-paths.mjs'
import { SetupError } from '../setup-error.mjs'
import { packageTargets } from './targets.mjs'

/** @typedef {{ name: string, license: string }} Notice - `license`: the whole text */

/** Its name in a package, beside the engine. */
export const NOTICES_FILE = 'THIRD_PARTY_NOTICES.txt'

/** Packages that are copied as they are, instead of being bundled. */
const COPIED = ['@duckdb/node-api', '@duckdb/node-bindings']

/** The lists that the two bundlers write. */
const bundledLists = ['dist/bundled-packages.json', 'dist/renderer-packages.json']

/**
 * The licenses of everything in a package that others have written. Electron's own notices are beside its program.
 *
 * @param {import('./targets.mjs').PackageTargetName} target
 * @returns {Promise<string>}
 * @throws SetupError if a part has no license
 */
export async function thirdPartyNotices(target) {
  const notices = [...npmNotices(), ...(await nativeNotices(target))]
  return [
    'exo-distributed contains the following software and models. Each comes under its own license.',
    ...notices.map(({ name, license }) => `${'='.repeat(80)}\n${name}\n${'='.repeat(80)}\n\n${license.trim()}`),
    '',
  ].join('\n\n')
}

/** @returns {Notice[]} */
function npmNotices() {
  const folders = new Set(COPIED.map((name) => `node_modules/${name}`))
  for (const list of bundledLists) for (const folder of JSON.parse(readFileSync(join(projectDir, list), 'utf8'))) folders.add(folder)
  return [...folders].sort().map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(projectDir, folder, 'package.json'), 'utf8'))
    const title = `${name} ${version}`
    const file = readdirSync(join(projectDir, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
    if (file !== undefined) return { name: title, license: readFileSync(join(projectDir, folder, file), 'utf8') }
    if (typeof license !== 'string') throw new SetupError(`The package ${title} states no license, so it cannot be shipped.`)
    return { name: title, license: `License: ${license}\nAuthor: ${typeof author === 'string' ? author : (author?.name ?? 'not stated')}` }
  })
}

/**
 * @param {import('./targets.mjs').PackageTargetName} target
 * @returns {Promise<Notice[]>}
 */
async function nativeNotices(target) {
  const [mlxBuild = ''] = packageTargets[target].mlxBuilds
  const mlx = await fetchMlx(mlxBuild)
  const mlxInfo = readdirSync(mlx).find((entry) => /^mlx-[\d.]+\.dist-info$/.test(entry)) ?? ''
  const xgrammar = await fetchXgrammar()
  const picojson = readFileSync(join(xgrammar, '3rdparty', 'picojson', 'picojson.h'), 'utf8')
  const apache = read(join(projectDir, 'LICENSE'))
  return [
    { name: 'MLX', license: read(join(mlx, mlxInfo, 'licenses', 'LICENSE')) },
    { name: 'xgrammar', license: `${read(join(xgrammar, 'NOTICE'))}\n\n${read(join(xgrammar, 'LICENSE'))}` },
    { name: 'DLPack', license: read(join(xgrammar, '3rdparty', 'dlpack', 'LICENSE')) },
    { name: 'picojson', license: picojson.slice(0, picojson.indexOf('*/') + 2) },
    { name: 'DuckLake', license: read(join(projectDir, 'node_modules', '@duckdb', 'node-bindings', 'LICENSE')) },
    { name: 'SmolLM2-135M-Instruct, the model by Hugging Face', license: apache },
    ...(packageTargets[target].system === 'linux' ? systemNotices() : []),
  ]
}

/**
 * OpenBLAS, whose notice also covers LAPACK, and Fortran: those of this machine, or of MLX's wheel in a package for another one.
 *
 * @returns {Notice[]}
 */
function systemNotices() {
  return ['libopenblas0-pthread', 'libgfortran5', 'libquadmath0'].flatMap((name) => {
    const file = join('/usr/share/doc', name, 'copyright')
    return existsSync(file) ? [{ name, license: read(file) }] : []
  })
}

/** @param {string} file */
function read(file) {
  if (!existsSync(file)) throw new SetupError(`The license ${file} is missing, so its part cannot be shipped.`)
  return readFileSync(file, 'utf8')
}
