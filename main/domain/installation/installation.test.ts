import { describe, expect, it } from 'vitest'
import { installationOf, lastingPath } from './installation.ts'

describe('installationOf', () => {
  it.each([
    ['/home/a b/.local/lib/exo-distributed/exo-1.2.0', { kind: 'archive', versionsDir: '/home/a b/.local/lib/exo-distributed' }],
    ['/usr/lib/exo-distributed', { kind: 'system-package' }],
    ['/opt/exo', { kind: 'image' }],
    ['/opt/homebrew/Cellar/exo-distributed/1.2.0/libexec', { kind: 'homebrew' }],
    ['/usr/lib/node_modules/exo-distributed/node_modules/exo-distributed-linux-x64', { kind: 'npm' }],
    ['/home/a/venv/lib/python3.11/site-packages/exo_distributed/program', { kind: 'wheel' }],
    ['/Applications/exo.app/Contents/Resources/app.asar', { kind: 'app' }],
  ])('%s', (folder, installation) => {
    expect(installationOf(folder, true)).toEqual(installation)
  })

  it('takes any folder without the facts of a build for a checkout', () => {
    expect(installationOf('/home/a/.local/lib/exo-distributed/exo-1.2.0', false)).toEqual({ kind: 'checkout' })
  })
})

describe('lastingPath', () => {
  it.each([
    ['/home/a/.local/lib/exo-distributed/exo-1.2.0/node', '/home/a/.local/lib/exo-distributed/current/node'],
    ['/opt/homebrew/Cellar/exo-distributed/1.2.0/libexec/node', '/opt/homebrew/opt/exo-distributed/libexec/node'],
    ['/usr/lib/exo-distributed/node', '/usr/lib/exo-distributed/node'],
    ['/home/a/exo/main/cli/main.ts', '/home/a/exo/main/cli/main.ts'],
  ])('%s', (path, lasting) => {
    expect(lastingPath(path)).toBe(lasting)
  })
})
