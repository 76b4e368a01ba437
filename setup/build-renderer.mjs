// Run by Node 24: Vite asks for more than the oldest Node that starts the set-up.
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { projectDir } from './project-paths.mjs'

// Else a shell that has another value gets React's slow build.
process.env.NODE_ENV = 'production'

/**
 * @param {{ root: string, base: string, outDir: string }} page - folders relative to the project
 */
async function buildPage({ root, base, outDir }) {
  await build({
    configFile: false,
    root: join(projectDir, root),
    base,
    logLevel: 'warn',
    plugins: [react()],
    // Who serves a page writes a nonce of its own into each answer.
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      outDir: join(projectDir, outDir),
      emptyOutDir: true,
      target: 'chrome130',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
    },
  })
}

await buildPage({ root: 'renderer', base: '/dashboard/', outDir: 'dist/renderer' })
// The app serves this one itself: it shows also that its node does not run.
await buildPage({ root: 'renderer/popover', base: '/', outDir: 'dist/popover' })
