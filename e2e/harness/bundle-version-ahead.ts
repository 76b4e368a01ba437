import { join } from 'node:path'
import { build } from 'esbuild'
import { projectDir } from '../node/run-exo.ts'

/** Bundles the program with a link protocol that is this many versions ahead. @returns the path of the bundle */
export async function bundleVersionAhead(versions: number): Promise<string> {
  const file = join(projectDir, 'build', 'e2e', `ahead-${versions}`, 'exo.mjs')
  await build({
    absWorkingDir: projectDir,
    entryPoints: ['main/cli/main.ts'],
    outfile: file,
    bundle: true,
    external: ['@duckdb/node-api', 'electron'],
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    define: { EXO_LINK_VERSIONS_AHEAD: String(versions) },
    logLevel: 'silent',
  })
  return file
}
