// Renders the committed PNG and ICNS files from the SVG files next to them: node setup/electron/render-icons.mjs
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { projectDir } from '../project-paths.mjs'
import { writeIcns } from './write-icns.mjs'

const trayStates = ['alone', 'joined', 'busy', 'problem']
const TRAY_SIZE = 18
/** macOS colours a template image itself. Other systems need one for dark panels and one for light panels. */
const trayInks = [
  { suffix: 'Template', ink: '#000000' },
  { suffix: '-dark', ink: '#2b2f2d' },
  { suffix: '-light', ink: '#f2f4f2' },
]
const linuxSizes = [48, 128, 256, 512]
const appSizes = [16, 32, 48, 64, 128, 256, 512, 1024]

const iconsDir = join(projectDir, 'assets', 'icons')
const trayDir = join(projectDir, 'assets', 'tray')
const profileDir = mkdtempSync(join(tmpdir(), 'exo-icons-'))
const browser = await chromium.launchPersistentContext(profileDir, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})

/**
 * @param {string} svg
 * @param {number} size - width and height in pixels
 */
async function draw(svg, size) {
  const page = await browser.newPage()
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`)
  const image = await page.screenshot({ omitBackground: true })
  await page.close()
  return image
}

try {
  for (const state of trayStates) {
    const svg = readFileSync(join(trayDir, `${state}.svg`), 'utf8')
    for (const { suffix, ink } of trayInks) {
      const coloured = svg.replaceAll('#000', ink).replace('<svg ', `<svg fill="${ink}" `)
      for (const scale of [1, 2])
        writeFileSync(join(trayDir, `${state}${suffix}${scale === 2 ? '@2x' : ''}.png`), await draw(coloured, TRAY_SIZE * scale))
    }
  }
  const icon = readFileSync(join(iconsDir, 'icon.svg'), 'utf8')
  const images = new Map()
  for (const size of appSizes) images.set(size, await draw(icon, size))
  for (const size of linuxSizes) writeFileSync(join(iconsDir, 'linux', `${size}x${size}.png`), images.get(size))
  writeIcns(join(iconsDir, 'icon.icns'), images)
} finally {
  await browser.close()
  rmSync(profileDir, { recursive: true, force: true })
}
