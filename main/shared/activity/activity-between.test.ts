import { describe, expect, it } from 'vitest'
import type { ClusterView } from '../cluster-view.ts'
import { activityBetween } from './activity-between.ts'

interface Parts {
  readonly clusterName?: string
  readonly nodes?: Readonly<Record<string, object>>
  readonly instances?: Readonly<Record<string, object>>
  readonly downloads?: readonly object[]
}
const view = (parts: Parts): ClusterView => ({ clusterName: 'desk', nodes: {}, instances: {}, downloads: [], ...parts }) as never
const told = (before: Parts, after: Parts) =>
  activityBetween(view(before), view(after)).map(({ kind, subject, message, machine }) =>
    [kind, subject, message ?? machine].filter(Boolean).join(' '),
  )

const machine = (name: string, version = '1') => ({ name, version })
const instance = (status: string, reasons: string[] = []) => ({ modelId: 'org/m', status, reasons })
const download = (status: string, message: string | null = null) => ({ id: 'd', modelId: 'org/m', nodeId: 'a', status, message })

describe('what happened in a cluster', () => {
  it('is told of machines that come, go and are updated', () => {
    expect(told({ nodes: { a: machine('one') } }, { nodes: { b: machine('two') } })).toEqual(['machine-left one', 'machine-joined two'])
    expect(told({ nodes: { a: machine('one') } }, { nodes: { a: machine('one', '2') } })).toEqual(['machine-updated one 2'])
  })
  it('is told of models as they load, are ready, recover, fail and are unloaded', () => {
    const steps: Record<string, object>[] = [
      {},
      { i: instance('loading') },
      { i: instance('ready') },
      { i: instance('recovering') },
      { i: instance('failed', ['x', 'y']) },
      {},
    ]
    expect(steps.slice(1).flatMap((instances, index) => told({ instances: steps[index]! }, { instances }))).toEqual([
      'model-loading org/m',
      'model-ready org/m',
      'model-recovering org/m',
      'model-failed org/m y',
      'model-unloaded org/m',
    ])
  })
  it('is told of downloads once, with the machine or the reason', () => {
    const nodes = { a: machine('one') }
    const steps = [
      [],
      [download('running')],
      [download('paused')],
      [download('running')],
      [download('failed', 'full')],
      [download('done')],
      [],
    ]
    expect(steps.slice(1).flatMap((downloads, index) => told({ nodes, downloads: steps[index]! }, { nodes, downloads }))).toEqual([
      'download-started org/m one',
      'download-failed org/m full',
      'download-done org/m one',
    ])
  })
  it('D1: names the machine whose user started a download on another one', () => {
    const nodes = { a: machine('one'), b: machine('two') }
    const started = { ...download('running'), startedBy: 'b' }
    expect(activityBetween(view({ nodes }), view({ nodes, downloads: [started] }))).toMatchObject([{ machine: 'one', message: 'two' }])
  })
  it('keeps the code of a failure, for texts in other languages', () => {
    const failed = { ...download('failed', 'full'), code: 'disk-full' }
    expect(activityBetween(view({}), view({ downloads: [failed] }))).toMatchObject([{ message: 'full', code: 'disk-full' }])
    expect(activityBetween(view({}), view({ downloads: [{ ...failed, code: null }] }))[0]).not.toHaveProperty('code')
  })
  it('is one thing when the machine changes its cluster, whose other machines neither came nor went', () =>
    expect(told({ nodes: { a: machine('one') } }, { clusterName: 'lab', nodes: { b: machine('two') } })).toEqual(['cluster-changed lab']))
  it('is nothing when nothing changed', () => {
    const parts = { nodes: { a: machine('one') }, instances: { i: instance('ready') }, downloads: [download('failed', 'full')] }
    expect(told(parts, parts)).toEqual([])
  })
})
