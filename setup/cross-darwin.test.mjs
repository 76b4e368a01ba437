import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { loadCommand, loadsLibrary, machOImage, runsOnMacos } from '../native/cross/__fixtures__/mach-o-image.mjs'
import { checkAddon } from '../native/cross/check-mach-o.mjs'
import { readBindingProgram, readChainedImports } from '../native/cross/read-bindings.mjs'
import { readMachO } from '../native/cross/read-mach-o.mjs'

/** The errors of a read beyond the end of a file. */
const CUT_SHORT = /not a 64-bit Mach-O image|out of range|outside buffer bounds|without a size/

/** @type {import('../native/cross/read-mach-o.mjs').MachO} */
const libmlx = {
  architecture: 'arm64',
  kind: 'dylib',
  platform: 'macos',
  deploymentTarget: '14.0',
  installName: '@rpath/libmlx.dylib',
  libraries: [],
  rpaths: [],
  isSigned: true,
  imports: [],
  exports: ['_mlx_eval'],
}
/** @type {import('../native/cross/read-mach-o.mjs').MachO} */
const addon = {
  ...libmlx,
  installName: null,
  libraries: ['@rpath/libmlx.dylib', '/usr/lib/libc++.1.dylib', '/usr/lib/libSystem.B.dylib'],
  rpaths: ['@loader_path'],
  imports: [
    { name: '_mlx_eval', library: '@rpath/libmlx.dylib' },
    { name: '_napi_wrap', library: 'flat' },
    { name: '___cxa_throw', library: '/usr/lib/libc++.1.dylib' },
  ],
  exports: ['_napi_register_module_v1'],
}
const failures = (/** @type {Partial<typeof addon>} */ changes, beside = libmlx) =>
  checkAddon({ ...addon, ...changes }, beside, { deploymentTarget: '14.0', rpaths: ['@loader_path'] }).flatMap(({ name, problem }) =>
    problem === null ? [] : `${name}: ${problem}`,
  )

describe('checkAddon', () => {
  it('takes what macOS would load', () => expect(failures({})).toEqual([]))
  it.each([
    ['another processor', { architecture: /** @type {const} */ ('other') }, /arm64/],
    ['a newer macOS', { deploymentTarget: '26.0' }, /runs on macOS 14.0: macos 26.0/],
    ['no signature', { isSigned: false }, /is signed/],
    ['no rpath', { rpaths: [] }, /no rpath @loader_path/],
    ['an rpath of this machine', { rpaths: ['@loader_path', '/home/a/.cache/mlx/lib'] }, /home\/a/],
    ['a library of this machine', { libraries: [...addon.libraries, '/opt/homebrew/lib/libomp.dylib'] }, /libomp/],
    [
      'a symbol that nothing defines',
      { imports: [...addon.imports, { name: '_cblas_sgemm', library: 'flat' }] },
      /uses flat look-up only for the Node API: _cblas_sgemm/,
    ],
    [
      'a symbol that libmlx lacks',
      { imports: [...addon.imports, { name: '_mlx_old', library: '@rpath/libmlx.dylib' }] },
      /exports: _mlx_old/,
    ],
    ['a C++ runtime of its own', { imports: addon.imports.slice(0, 2) }, /C\+\+ runtime/],
    ['nothing for Node', { exports: [] }, /napi_register_module_v1/],
  ])('refuses %s', (_, changes, reason) => expect(failures(changes)).toEqual([expect.stringMatching(reason)]))
})

describe('readMachO', () => {
  it('reads libraries, rpaths, version and signature', () => {
    const image = machOImage(
      loadsLibrary('/usr/lib/libc++.1.dylib'),
      loadCommand(0x8000001c, [12], '@loader_path'),
      runsOnMacos(14),
      loadCommand(0x1d, [0, 0]),
    )
    expect(readMachO(image)).toMatchObject({
      architecture: 'arm64',
      kind: 'dylib',
      platform: 'macos',
      deploymentTarget: '14.0',
      libraries: ['/usr/lib/libc++.1.dylib'],
      rpaths: ['@loader_path'],
      isSigned: true,
      imports: [],
      exports: [],
    })
  })
  it('refuses what is no image, or is cut short', () => {
    expect(() => readMachO(Buffer.from('\x7fELF and more of that, long enough'))).toThrow('not a 64-bit Mach-O image')
    const image = machOImage(loadsLibrary('/usr/lib/libc++.1.dylib'), runsOnMacos(14))
    for (let length = 0; length < image.length - 16; length += 7)
      expect(() => readMachO(image.subarray(0, length)), `${length} bytes`).toThrow(CUT_SHORT)
  })
})

describe('readBindingProgram', () => {
  it('follows ordinals, flat look-up and names', () => {
    const program = Buffer.from([
      0x12,
      0x40,
      ...Buffer.from('_mlx\0'),
      0x51,
      0x72,
      0x80,
      0x01,
      0x90,
      0x3e,
      0x40,
      ...Buffer.from('_napi\0'),
      0xa0,
      0x08,
      0x00,
      0x20,
      0x81,
      0x01,
      0x40,
      ...Buffer.from('_far\0'),
      0xc0,
      0x02,
      0x08,
    ])
    expect(readBindingProgram(program, 0, program.length)).toEqual([
      { name: '_mlx', ordinal: 2 },
      { name: '_napi', ordinal: -2 },
      { name: '_far', ordinal: 129 },
    ])
  })
  it('refuses an instruction that is not known', () => expect(() => readBindingProgram(Buffer.from([0xe0]), 0, 1)).toThrow('0xe0'))
})

describe('readChainedImports', () => {
  it('reads names and ordinals', () => {
    const names = Buffer.from('\0_mlx\0_napi\0')
    const table = Buffer.alloc(28 + 8)
    for (const [index, word] of [0, 0, 28, 36, 2, 1, 0, (1 << 9) | 3, (6 << 9) | 0xfe].entries()) table.writeUInt32LE(word, 4 * index)
    expect(readChainedImports(Buffer.concat([table, names]), 0)).toEqual([
      { name: '_mlx', ordinal: 3 },
      { name: '_napi', ordinal: -2 },
    ])
  })
})
