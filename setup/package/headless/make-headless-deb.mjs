import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layOutSystemRoot } from './system-root.mjs'

/**
 * A Debian package of a staged program.
 *
 * @param {string} staged
 * @param {string} file
 * @param {{ version: string, architecture: 'amd64' | 'arm64', epochSeconds: number }} facts
 */
export function makeHeadlessDeb(staged, file, { version, architecture, epochSeconds }) {
  const root = mkdtempSync(join(tmpdir(), 'exo-node-deb-'))
  try {
    chmodSync(root, 0o755)
    layOutSystemRoot(staged, root)
    mkdirSync(join(root, 'DEBIAN'))
    const kilobytes = execFileSync('du', ['-sk', root], { encoding: 'utf8' }).split('\t')[0]
    const control = [
      'Package: exo-node',
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      'Maintainer: exo-distributed <maintainers@exo-distributed.invalid>',
      `Installed-Size: ${kilobytes}`,
      'Depends: libc6 (>= 2.35), libstdc++6, libgcc-s1',
      'Recommends: ca-certificates',
      'Section: science',
      'Priority: optional',
      'Description: large language models on all your machines as one, without the app',
      ' A node of exo: the command line, the engine, the dashboard and a small model.',
      '',
    ].join('\n')
    writeFileSync(join(root, 'DEBIAN', 'control'), control)
    // The umask of whoever builds must not show.
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', root])
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', root, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) },
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
