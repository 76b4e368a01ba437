// Runs on Node 24, since Vite does not support the oldest Node that can start set-up.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { appManifest } from './package/app-manifest.mjs'
import { packageFolders } from './package/package-folders.mjs'
import { projectDir } from './project-paths.mjs'

// A different value in the user's shell would select React's development build.
process.env.NODE_ENV = 'production'

/** @type {Set<string>} */
const modules = new Set()

/** @type {import('vite').Plugin} */
const collectModules = {
  name: 'collect-modules',
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) if (output.type === 'chunk') output.moduleIds.forEach((id) => modules.add(id))
  },
}

/** KaTeX's style sheet names each font in three formats. All browsers that can show the page take the smallest.
 * @type {import('vite').Plugin} */
const smallestFonts = {
  name: 'smallest-fonts',
  enforce: 'pre',
  transform: (code, id) => (/katex[^/]*\.css/.test(id) ? code.replace(/,\s*url\([^)]+\.(?:woff|ttf)\) format\([^)]+\)/g, '') : null),
}

/** The layout engine ELK is under the Eclipse Public License. Diagrams use another one.
 * @type {import('vite').Plugin} */
const withoutElk = {
  name: 'without-elk',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('elkjs') ? '\0no-elk' : null),
  load: (id) => (id === '\0no-elk' ? "throw new Error('This layout is not included.')\nexport default null" : null),
}

/**
 * @param {{ root: string, base: string, outDir: string, plugins?: import('vite').Plugin[], pages?: readonly string[] }} page
 *   folders relative to the project, and the HTML files in `root`
 */
async function buildPage({ root, base, outDir, plugins = [], pages = ['index.html'] }) {
  await build({
    configFile: false,
    root: join(projectDir, root),
    base,
    logLevel: 'warn',
    plugins: [react(), smallestFonts, withoutElk, collectModules, ...plugins],
    // The server of a page puts a new nonce into each response.
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      outDir: join(projectDir, outDir),
      emptyOutDir: true,
      target: 'chrome130',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      rollupOptions: { input: pages.map((page) => join(projectDir, root, page)) },
    },
  })
}

await buildPage({
  root: 'renderer',
  base: '/dashboard/',
  outDir: 'dist/renderer',
  plugins: [appManifest('/dashboard/')],
  pages: ['index.html', 'diagrams.html'],
})
// Over Wi-Fi the size counts. The server prefers these copies where the browser takes them.
const assets = join(projectDir, 'dist', 'renderer', 'assets')
for (const name of readdirSync(assets)) {
  if (/\.(js|css|svg)$/.test(name)) writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name)), { level: 9 }))
}
// The app serves the popover itself, since it must also work when the node is not running.
await buildPage({ root: 'renderer/popover', base: '/', outDir: 'dist/popover' })
writeFileSync(join(projectDir, 'dist', 'renderer-packages.json'), JSON.stringify(packageFolders(modules)))
