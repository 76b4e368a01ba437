// Run by Node 24: Vite asks for more than the oldest Node that starts the set-up.
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { projectDir } from './project-paths.mjs'

/** Where the node serves it, and where it is served from. */
const base = '/dashboard/'
const outDir = join(projectDir, 'dist', 'renderer')

await build({
  configFile: false,
  root: join(projectDir, 'renderer'),
  base,
  logLevel: 'warn',
  plugins: [react()],
  // The node writes a nonce of its own into each page that it serves.
  html: { cspNonce: '__CSP_NONCE__' },
  build: { outDir, emptyOutDir: true, target: 'chrome130', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false, chunkSizeWarningLimit: 2000 },
})
