import { describe, expect, it } from 'vitest'
import type { Membership } from '../../shared/wire/api/membership.ts'
import { clusterView, instanceView, nodeView, shellState } from './__fixtures__/shell-state.ts'
import type { ShellState } from '../../shared/wire/shell/shell.ts'
import { englishTexts } from './texts/english-texts.ts'
import { type MenuEntry, menuEntries } from './menu-entries.ts'

const line = (entry: MenuEntry): string =>
  entry.kind === 'separator' ? '-' : entry.kind === 'fact' ? `(${entry.label})` : entry.isEnabled ? entry.label : `[${entry.label}]`
const lines = (state: ShellState): string[] => menuEntries(state, englishTexts).map(line)

const membership: Membership = {
  clusterName: 'desk',
  hasKey: true,
  admission: 'members',
  closed: null,
  ownClusterName: 'studio (ab12)',
  isSwitching: false,
  nearby: [
    { clusterName: 'office', needsKey: false, machines: [], totalBytes: null, obstacle: null },
    { clusterName: 'lab', needsKey: true, machines: [], totalBytes: null, obstacle: null },
  ],
  pairing: null,
}

describe('menuEntries', () => {
  it('tells of this machine, its cluster and its models, and what can be done', () => {
    const view = clusterView(
      [nodeView('studio'), nodeView('mini', { totalBytes: 16 * 2 ** 30, availableBytes: 4 * 2 ** 30 })],
      [instanceView('qwen', { decodeTokensPerSecond: 31.25 }), instanceView('llama', { status: 'loading' })],
    )
    expect(lines(shellState({ view, membership }))).toEqual([
      '(Running at 127.0.0.1:8080)',
      '-',
      '(Cluster desk)',
      '(studio: 16.0 GiB of 64.0 GiB used, leader)',
      '(mini: 12.0 GiB of 16.0 GiB used)',
      '-',
      '(qwen: 31.3 tok/s)',
      '(llama: loading)',
      '-',
      'Join office',
      'Join lab…',
      'Leave desk',
      '-',
      'Open Chat',
      'Open Dashboard',
      'Copy API Address',
      '-',
      'Settings…',
      'Quit exo',
    ])
  })

  it('joins an open cluster at once, and one with a key where that can be typed', () => {
    const acts = menuEntries(shellState({ membership }), englishTexts).flatMap((entry) =>
      entry.kind === 'act' && entry.label.startsWith('Join') ? [entry.act] : [],
    )
    expect(acts).toEqual([
      { type: 'join-cluster', clusterName: 'office' },
      { type: 'open-window', view: 'cluster' },
    ])
  })

  it('offers no join that cannot work, and says why', () => {
    const nearby = [
      { clusterName: 'old', needsKey: false, machines: [], totalBytes: null, obstacle: 'it runs an incompatible version of exo' },
    ]
    const shown = lines(shellState({ membership: { ...membership, nearby } }))
    expect(shown).toContain('(old: it runs an incompatible version of exo)')
    expect(shown.join()).not.toContain('Join')
  })

  it('leaves nothing to leave in a cluster of its own, and changes nothing while it is between two', () => {
    expect(lines(shellState({ membership: { ...membership, clusterName: membership.ownClusterName } })).join()).not.toContain('Leave')
    expect(lines(shellState({ membership: { ...membership, isSwitching: true } }))).toEqual(
      expect.arrayContaining(['[Join office]', '[Join lab…]', '[Leave desk]']),
    )
  })

  it('says that a node was started elsewhere', () =>
    expect(lines(shellState({ node: { kind: 'running', apiUrl: 'http://127.0.0.1:8080', processId: 1, isOurs: false } }))[0]).toBe(
      '(Running at 127.0.0.1:8080, started elsewhere)',
    ))

  it('says what is wrong with a node, and how to start it again', () => {
    const state = shellState({ node: { kind: 'failed', code: 'node-died', message: 'The node died.' }, view: null })
    expect(lines(state)).toEqual([
      '(The node died.)',
      'Restart',
      '-',
      '[Open Chat]',
      '[Open Dashboard]',
      '[Copy API Address]',
      '-',
      '[Settings…]',
      'Quit exo',
    ])
  })

  it('offers an update that is ready', () =>
    expect(lines(shellState({ update: { kind: 'ready', version: '2.0.0' } }))).toContain('Restart to Update to 2.0.0'))

  it('shows how far a long start is', () => {
    expect(
      lines(shellState({ node: { kind: 'starting' }, view: null, progress: { label: 'Importing the default model', doneRatio: 0.42 } }))[0],
    ).toBe('(Importing the default model: 42%)')
  })
})
