import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MLX_VERSION } from '../../fetch/fetch-mlx.mjs'
import { projectDir } from '../../project-paths.mjs'

/** The lists that the two bundlers write, and what is copied as it is. */
const LISTS = ['dist/bundled-packages.json', 'dist/renderer-packages.json']
const COPIED = ['node_modules/@duckdb/node-api', 'node_modules/@duckdb/node-bindings']

/** @typedef {{ type: string, name: string, version: string, purl?: string, licenses?: object[] }} Component */

/**
 * What a package contains, in CycloneDX 1.6. It depends only on the content, so two builds of one commit have the same.
 *
 * @param {{ version: string, epochSeconds: number, nodeVersion: string }} build
 */
export function sbomOf({ version, epochSeconds, nodeVersion }) {
  const components = [
    ...npmComponents(),
    {
      type: 'platform',
      name: 'node',
      version: nodeVersion,
      purl: `pkg:generic/node@${nodeVersion}`,
      licenses: [{ license: { id: 'MIT' } }],
    },
    { type: 'library', name: 'mlx', version: MLX_VERSION, purl: `pkg:pypi/mlx@${MLX_VERSION}`, licenses: [{ license: { id: 'MIT' } }] },
    {
      type: 'machine-learning-model',
      name: 'SmolLM2-135M-Instruct',
      version: 'Q4_1',
      purl: 'pkg:huggingface/HuggingFaceTB/SmolLM2-135M-Instruct',
      licenses: [{ license: { id: 'Apache-2.0' } }],
    },
  ]
  const hash = createHash('sha256')
    .update(JSON.stringify([version, components]))
    .digest('hex')
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), `5${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-')
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp: new Date(epochSeconds * 1000).toISOString(),
      component: { type: 'application', name: 'exo-distributed', version, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components,
  }
}

/** @returns {Component[]} */
function npmComponents() {
  const folders = new Set(COPIED)
  for (const list of LISTS) for (const folder of JSON.parse(readFileSync(join(projectDir, list), 'utf8'))) folders.add(folder)
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(projectDir, folder, 'package.json'), 'utf8'))
    const licenses =
      typeof license === 'string' ? [/^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }] : undefined
    return { type: 'library', name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, ...(licenses && { licenses }) }
  })
}
