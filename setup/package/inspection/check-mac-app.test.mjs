import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loadCommand, loadsLibrary, machOImage, runsOnMacos } from '../../../native/cross/__fixtures__/mach-o-image.mjs'
import { fuseNames } from '../../electron/fuses.mjs'
import { APP_ID, builderConfig, infoPlistAdditions, MINIMUM_MACOS, packageFuses } from '../builder-config.mjs'
import { checkMacApp } from './check-mac-app.mjs'
import { COMPILES, entitlementsOf, LOADS_OTHERS } from '../entitlements.mjs'

const SYSTEM = '/usr/lib/libSystem.B.dylib'
const FRAMEWORK = 'Frameworks/Electron Framework.framework/Versions/A/Electron Framework'
const requested = (/** @type {string} */ file) => entitlementsOf(file, true)

/** @type {string} */
let app
/** @type {Record<string, any>} */
let plist
const path = (/** @type {string} */ name) => join(app, 'Contents', name)
function write(/** @type {string} */ name, /** @type {string | Buffer} */ content) {
  mkdirSync(dirname(path(name)), { recursive: true })
  writeFileSync(path(name), content)
}
function archive(/** @type {string} */ header) {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(header.length, 12)
  return Buffer.concat([head, Buffer.from(header)])
}
function kernels(/** @type {number} */ major, /** @type {number} */ minor) {
  const library = Buffer.alloc(64)
  library.write('MTLB')
  library.writeUInt16LE(major, 12)
  library.writeUInt16LE(minor, 14)
  library.writeBigUInt64LE(64n, 16)
  return library
}
const fuseWire = (/** @type {boolean} */ isTestable) => {
  const fuses = packageFuses(isTestable)
  return Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, fuseNames.length]),
    Buffer.from(fuseNames.map((name) => (fuses[name] ? '1' : '0')).join('')),
  ])
}

beforeEach(() => {
  app = join(mkdtempSync(join(tmpdir(), 'exo-mac-app-')), 'exo.app')
  plist = {
    ...{
      CFBundleIdentifier: APP_ID,
      CFBundleName: 'exo',
      CFBundleExecutable: 'exo',
      LSMinimumSystemVersion: MINIMUM_MACOS,
      ...infoPlistAdditions,
    },
    ElectronAsarIntegrity: { 'Resources/app.asar': { algorithm: 'SHA256', hash: createHash('sha256').update('{}').digest('hex') } },
  }
  write(FRAMEWORK, Buffer.concat([machOImage(loadsLibrary(SYSTEM)), fuseWire(false)]))
  for (const helper of ['exo Helper', 'exo Helper (GPU)', 'exo Helper (Plugin)', 'exo Helper (Renderer)'])
    write(`Frameworks/${helper}.app/Contents/MacOS/${helper}`, machOImage(loadsLibrary(SYSTEM)))
  write('Resources/app.asar', archive('{}'))
  write('Resources/models/default.gguf', 'GGUF and more')
  write('Resources/ducklake/ducklake.duckdb_extension', 'extension')
  write('Resources/THIRD_PARTY_NOTICES.txt', 'licenses')
  for (const [name, major, minor, companion] of /** @type {const} */ ([
    ['macos14-arm64', 14, 0, SYSTEM],
    ['macos26-arm64', 26, 2, '@rpath/libjaccl.dylib'],
  ])) {
    const folder = `Resources/native/${name}`
    write(
      `${folder}/exo_engine.node`,
      machOImage(loadsLibrary('@rpath/libmlx.dylib'), loadCommand(0x8000001c, [12], '@loader_path/mlx/lib')),
    )
    write(`${folder}/mlx/lib/libmlx.dylib`, machOImage(loadsLibrary(companion), runsOnMacos(major, minor)))
    write(`${folder}/mlx/lib/libjaccl.dylib`, machOImage(loadsLibrary(SYSTEM)))
    write(`${folder}/mlx/lib/mlx.metallib`, kernels(major, minor))
  }
})
afterEach(() => rmSync(dirname(app), { recursive: true }))

/** Without the checks of the engine itself, which have their own tests. */
const problems = (/** @type {(file: string) => string[]} */ asked = requested) =>
  checkMacApp(app, plist, asked).flatMap(({ name, problem }) =>
    problem === null || /: the engine \w/.test(name) ? [] : [`${name}: ${problem}`],
  )

it('is content with a whole app', () => expect(problems()).toEqual([]))

it.each(
  /** @type {[what: string, damage: () => void, problem: RegExp][]} */ ([
    ['shows itself in the dock', () => delete plist['LSUIElement'], /LSUIElement: undefined/],
    ['names no service of Bonjour', () => (plist['NSBonjourServices'] = []), /NSBonjourServices/],
    ['says that it is for older systems', () => (plist['LSMinimumSystemVersion'] = '11.0'), /"11.0", not "14.0"/],
    [
      'takes a debugger',
      () => write(FRAMEWORK, Buffer.concat([machOImage(), fuseWire(true)])),
      /fuses .*enableNodeCliInspectArguments is true/,
    ],
    ['has another archive', () => write('Resources/app.asar', archive('[]')), /archive has the hash/],
    ['has the app that Electron comes with', () => write('Resources/default_app.asar', ''), /default_app/],
    ['has no model', () => rmSync(path('Resources/models/default.gguf')), /models contains nothing/],
    ['has something else for a model', () => write('Resources/models/default.gguf', '<html>'), /starts with 3c68746d/],
    ['has no licenses of others', () => rmSync(path('Resources/THIRD_PARTY_NOTICES.txt')), /THIRD_PARTY_NOTICES/],
    ['has no DuckLake', () => rmSync(path('Resources/ducklake'), { recursive: true }), /ducklake contains nothing/],
    ['lacks a helper', () => rmSync(path('Frameworks/exo Helper (GPU).app'), { recursive: true }), /helpers .*GPU/],
    [
      'has a library of another processor',
      () => write('Resources/x.dylib', Buffer.from(machOImage()).fill(7, 4, 5)),
      /x.dylib is for other/,
    ],
    [
      'has a library that looks for one of this machine',
      () => write('Resources/x.dylib', machOImage(loadsLibrary('/opt/homebrew/lib/libomp.dylib'))),
      /does not find .*libomp/,
    ],
    [
      'lacks JACCL',
      () => rmSync(path('Resources/native/macos26-arm64/mlx/lib/libjaccl.dylib')),
      /macos26-arm64: .* in place: mlx\/lib\/libjaccl.dylib/,
    ],
    [
      'has the older MLX twice',
      () => write('Resources/native/macos26-arm64/mlx/lib/libmlx.dylib', machOImage(loadsLibrary(SYSTEM), runsOnMacos(14))),
      /libmlx is for 14.0/,
    ],
    [
      'has the kernels of another macOS',
      () =>
        renameSync(
          path('Resources/native/macos26-arm64/mlx/lib/mlx.metallib'),
          path('Resources/native/macos14-arm64/mlx/lib/mlx.metallib'),
        ),
      /kernels are for macOS 26.2/,
    ],
    [
      'has half of the kernels',
      () => truncateSync(path('Resources/native/macos14-arm64/mlx/lib/mlx.metallib'), 32),
      /kernels have 32 of 64 bytes/,
    ],
  ]),
)('notices an app that %s', (_, damage, problem) => {
  damage()
  expect(problems().join('\n')).toMatch(problem)
})

it.each(
  /** @type {[what: string, part: RegExp, asked: string[]][]} */ ([
    ['an app that loads what others have signed', /exo\.app$/, [COMPILES, LOADS_OTHERS]],
    ['an app that may run memory that is not signed', /exo\.app$/, [COMPILES, 'com.apple.security.cs.allow-unsigned-executable-memory']],
    ['a node that loads what others have signed', /exo Helper\.app$/, [COMPILES, LOADS_OTHERS]],
    ['windows that load what others have signed', /Renderer\)\.app$/, [COMPILES, LOADS_OTHERS]],
    ['a worker that cannot load MLX', /Plugin\)\.app$/, [COMPILES]],
    ['a node that cannot compile', /exo Helper\.app$/, []],
    [
      'the program of a helper that asks for more than its bundle',
      /MacOS\/exo Helper \(GPU\)$/,
      [COMPILES, 'com.apple.security.device.camera'],
    ],
    ['a library that asks for something', /libmlx\.dylib$/, [LOADS_OTHERS]],
  ]),
)('notices %s', (_, part, asked) => {
  expect(problems((file) => (part.test(file) ? asked : requested(file))).join('\n')).toMatch(
    /^each process has exactly the entitlements that it needs: .* requests/,
  )
})

it('E: asks for no more than that without a certificate but for the libraries, which nobody has signed then', () => {
  const parts = ['exo.app', 'exo.app/Contents/Frameworks/exo Helper.app', 'exo.app/Contents/Frameworks/exo Helper (Plugin).app']
  for (const part of parts) expect(entitlementsOf(`/${part}`, false)).toEqual([COMPILES, LOADS_OTHERS])
  expect(entitlementsOf('/exo.app/Contents/Resources/native/macos14-arm64/mlx/lib/libmlx.dylib', false)).toEqual([])
})

it('has the packager sign each part with what it asks for', async () => {
  /** @type {any} */
  let passed = null
  vi.doMock('app-builder-lib/out/codeSign/macCodeSign.js', () => ({ sign: async (/** @type {any} */ options) => void (passed = options) }))
  const mac = /** @type {any} */ (
    builderConfig({
      target: 'darwin-arm64',
      staged: { app, modules: app, resources: app },
      electronDir: null,
      isTestable: false,
      release: { isForRelease: true, isSigned: true, isNotarized: true, updateFeed: null, notices: [] },
    }).mac
  )
  await mac.sign({ app, optionsForFile: () => ({ hardenedRuntime: true, entitlements: '/all-for-everybody.plist' }) })
  expect(passed.optionsForFile(path('Frameworks/exo Helper.app'))).toEqual({ hardenedRuntime: true, entitlements: [COMPILES] })
  expect(passed.optionsForFile(path('Frameworks/exo Helper (Plugin).app'))).toEqual({
    hardenedRuntime: true,
    entitlements: [COMPILES, LOADS_OTHERS],
  })
})
