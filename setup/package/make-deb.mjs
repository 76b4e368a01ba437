#!/usr/bin/env node
// The part of fpm that electron-builder uses to build a .deb, implemented with Debian's own dpkg-deb.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** dpkg-deb's names for fpm's compressions. @type {Readonly<Record<string, string>>} */
const compressions = { gz: 'gzip', xz: 'xz' }

/** @type {Record<string, string>} */
const options = {}
/** @type {Record<'depends' | 'recommends', string[]>} */
const relations = { depends: [], recommends: [] }
/** @type {[from: string, to: string][]} */
const contents = []

const given = process.argv.slice(2)
while (given.length > 0) {
  const argument = given.shift() ?? ''
  if (argument === '--force') continue
  if (argument === '-d' || argument === '--depends') relations.depends.push(given.shift() ?? '')
  else if (argument === '--deb-recommends') relations.recommends.push(given.shift() ?? '')
  else if (argument === '-s' || argument === '-t') options[argument] = given.shift() ?? ''
  else if (argument.startsWith('--')) {
    const [name = '', value] = argument.slice(2).split(/=(.*)/s)
    options[name] = value ?? given.shift() ?? ''
  } else {
    const at = argument.lastIndexOf('=')
    contents.push([argument.slice(0, at), argument.slice(at + 1)])
  }
}
if (options['-s'] !== 'dir' || options['-t'] !== 'deb')
  throw new Error(`Only dir to deb is supported here, not ${options['-s']} to ${options['-t']}.`)

const root = mkdtempSync(join(tmpdir(), 'exo-deb-'))
try {
  chmodSync(root, 0o755)
  for (const [from, to] of contents) {
    const place = join(root, to)
    mkdirSync(dirname(place), { recursive: true })
    cpSync(from, place, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    if (statSync(from).isFile()) chmodSync(place, 0o644)
  }
  const kilobytes = execFileSync('du', ['-sk', root], { encoding: 'utf8' }).split('\t')[0]
  const [summary = '', ...details] = (options.description ?? '').trim().split('\n')
  /** @type {[name: string, value: string | undefined][]} */
  const fields = [
    ['Package', options.name],
    ['Version', options.version],
    ['Architecture', options.architecture],
    ['Maintainer', options.maintainer],
    ['Installed-Size', kilobytes],
    ['Depends', relations.depends.join(', ')],
    ['Recommends', relations.recommends.join(', ')],
    ['Section', options.category],
    ['Priority', options['deb-priority']],
    ['Homepage', options.url],
    ['Description', [summary, ...details.map((line) => ` ${line.trim() || '.'}`)].join('\n')],
  ]
  const control = fields.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}\n`])).join('')
  mkdirSync(join(root, 'DEBIAN'))
  writeFileSync(join(root, 'DEBIAN', 'control'), control)
  for (const [option, script] of /** @type {const} */ ([
    ['before-install', 'preinst'],
    ['after-install', 'postinst'],
    ['before-remove', 'prerm'],
    ['after-remove', 'postrm'],
  ])) {
    const file = options[option]
    if (!file) continue
    copyFileSync(file, join(root, 'DEBIAN', script))
    chmodSync(join(root, 'DEBIAN', script), 0o755)
  }
  const level = process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ?? '6'
  execFileSync(
    'dpkg-deb',
    [
      '--root-owner-group',
      `-Z${compressions[options['deb-compression'] ?? 'xz'] ?? 'xz'}`,
      `-z${level}`,
      '--build',
      root,
      options.package ?? '',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  process.stdout.write(`${JSON.stringify({ path: options.package })}\n`)
} finally {
  rmSync(root, { recursive: true, force: true })
}
