import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useClusterStore } from './cluster-store.ts'
import { dismissToast, startToasts, useToastStore } from './toast-store.ts'

const show = (nodes: object, instances: object = {}): void =>
  useClusterStore.setState({ view: { clusterName: 'desk', nodes, instances, downloads: [] } as never })
const machine = (name: string) => ({ name, version: '1' })
const shown = (): string[] => useToastStore.getState().toasts.map(({ activity: { kind, subject } }) => `${kind} ${subject}`)

let timers: { callback: () => void; delayMs: number }[]
let end: () => void
beforeEach(() => {
  timers = []
  end = startToasts((callback, delayMs) => timers.push({ callback, delayMs }))
})
afterEach(() => {
  end()
  useClusterStore.setState({ view: null })
  useToastStore.setState({ toasts: [], noticed: 0 })
})

describe('toasts', () => {
  it('B15: tell that a machine left, and go after a while', () => {
    show({ a: machine('one'), b: machine('two') })
    expect(shown()).toEqual([])
    show({ a: machine('one') })
    expect(shown()).toEqual(['machine-left two'])
    timers[0]?.callback()
    expect(shown()).toEqual([])
  })
  it('B14: tell that a model recovers, and its failure for longer', () => {
    show({}, { i: { modelId: 'm', status: 'ready' } })
    show({}, { i: { modelId: 'm', status: 'recovering' } })
    show({}, { i: { modelId: 'm', status: 'failed' } })
    expect(shown()).toEqual(['model-recovering m', 'model-failed m'])
    expect(timers[1]!.delayMs).toBeGreaterThan(timers[0]!.delayMs)
  })
  it('are at most three, and can be closed', () => {
    show({})
    show(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, machine(name)])))
    expect(shown()).toEqual(['machine-joined b', 'machine-joined c', 'machine-joined d'])
    dismissToast(useToastStore.getState().toasts[1]!.id)
    expect(shown()).toEqual(['machine-joined b', 'machine-joined d'])
  })
  it('do not tell what the person has just started, but count it', () => {
    show({})
    show({}, { i: { modelId: 'm', status: 'loading' } })
    expect([shown(), useToastStore.getState().noticed]).toEqual([[], 1])
  })
})
