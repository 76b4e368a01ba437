import { expect, it } from 'vitest'
import { clusterView, instanceView, nodeView, shellState } from './__fixtures__/shell-state.ts'
import { trayStateOf } from './tray-state.ts'

const two = [nodeView('studio'), nodeView('mini')]

it.each([
  ['alone', 'no peers', shellState()],
  ['alone', 'nothing heard yet', shellState({ view: null })],
  ['joined', 'a peer', shellState({ view: clusterView(two) })],
  ['joined', 'a model that rests', shellState({ view: clusterView(two, [instanceView('m')]) })],
  ['busy', 'a model that loads', shellState({ view: clusterView(two, [instanceView('m', { status: 'loading' })]) })],
  ['busy', 'a model that answers', shellState({ view: clusterView(two, [instanceView('m', { decodeTokensPerSecond: 12 })]) })],
  [
    'problem',
    'a model that failed',
    shellState({ view: clusterView(two, [instanceView('m', { status: 'failed' }), instanceView('n', { status: 'loading' })]) }),
  ],
  ['problem', 'a node that died', shellState({ node: { kind: 'restarting', reason: 'SIGKILL', delayMs: 500 }, view: null })],
  ['problem', 'a node that does not run', shellState({ node: { kind: 'failed', code: 'x', message: 'y' }, view: null })],
])('is %s: %s', (expected, _, state) => expect(trayStateOf(state)).toBe(expected))
