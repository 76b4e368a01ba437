import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { projectDir } from '../project-paths.mjs'

/** The icons of the app, by their size in pixels. */
const icons = [128, 256, 512].map((size) => ({ size, path: `assets/icons/linux/${size}x${size}.png` }))

/** Assets are kept by browsers for long, so that each content has a name of its own.
 * @param {string} name
 * @param {Buffer | string} content
 */
function hashedName(name, content) {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 8)
  return `assets/${name.slice(0, -extname(name).length)}-${hash}${extname(name)}`
}

/**
 * Makes a page one that phones and computers install as an app: a web app manifest and its icons among the assets, and
 * links to them in the page. https://www.w3.org/TR/appmanifest/
 *
 * @param {string} base - the path of the page, with a slash at its end
 * @returns {import('vite').Plugin}
 */
export function appManifest(base) {
  const { productName, description } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'))
  const drawn = icons.map(({ size, path }) => {
    const content = readFileSync(join(projectDir, path))
    return { size, content, fileName: hashedName(`icon-${size}.png`, content) }
  })
  const start = base.replace(/\/$/, '')
  const manifest = JSON.stringify({
    id: start,
    name: productName,
    short_name: productName,
    description,
    start_url: start,
    scope: start,
    display: 'standalone',
    // Those of the light theme; the page itself names both.
    theme_color: '#f4f5f3',
    background_color: '#f4f5f3',
    icons: drawn.map(({ size, fileName }) => ({ src: base + fileName, sizes: `${size}x${size}`, type: 'image/png' })),
  })
  const manifestName = hashedName('app.webmanifest', manifest)
  /** @type {import('vite').HtmlTagDescriptor[]} */
  const links = [
    { tag: 'link', attrs: { rel: 'manifest', href: base + manifestName }, injectTo: 'head' },
    ...drawn.slice(-1).map(({ fileName }) => ({
      tag: 'link',
      attrs: { rel: 'apple-touch-icon', href: base + fileName },
      injectTo: /** @type {const} */ ('head'),
    })),
  ]
  return {
    name: 'app-manifest',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: manifestName, source: manifest })
      for (const { fileName, content } of drawn) this.emitFile({ type: 'asset', fileName, source: content })
    },
    transformIndexHtml: (_html, { path }) => (path === '/index.html' ? links : []),
  }
}
