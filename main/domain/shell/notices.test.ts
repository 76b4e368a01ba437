import { describe, expect, it } from 'vitest'
import { clusterView, instanceView, nodeView, shellState } from './__fixtures__/shell-state.ts'
import { noticesBetween } from './notices.ts'

const alone = shellState({ view: clusterView([nodeView('studio')]) })
const titles = (...states: Parameters<typeof noticesBetween>): string[] => noticesBetween(...states).map(({ title }) => title)

describe('noticesBetween', () => {
  it('tells who came and who went', () => {
    const both = shellState({ view: clusterView([nodeView('studio'), nodeView('mini')]) })
    expect(titles(alone, both)).toEqual(['mini joined'])
    expect(titles(both, alone)).toEqual(['mini left'])
  })

  it('tells when a model is ready, once, and why one failed', () => {
    const withModel = (status: 'loading' | 'ready' | 'failed') => shellState({ view: clusterView([nodeView('studio')], [instanceView('qwen', { status, reasons: ['No node has 9 GB free.'] })]) })
    expect(titles(alone, withModel('loading'))).toEqual([])
    expect(titles(withModel('loading'), withModel('ready'))).toEqual(['qwen is ready'])
    expect(titles(withModel('ready'), withModel('ready'))).toEqual([])
    expect(noticesBetween(withModel('loading'), withModel('failed'))).toEqual([{ title: 'qwen could not be loaded', body: 'No node has 9 GB free.' }])
  })

  it('says nothing of the first view and of another cluster', () => {
    const elsewhere = shellState({ view: { ...clusterView([nodeView('studio'), nodeView('mini')]), clusterName: 'office' } })
    expect(titles(shellState({ view: null }), elsewhere)).toEqual([])
    expect(titles(alone, elsewhere)).toEqual([])
  })

  it('tells of a node that died, not of the next tries', () => {
    const dead = shellState({ node: { kind: 'restarting', reason: 'SIGKILL', delayMs: 500 }, view: null })
    expect(titles(alone, dead)).toEqual(['exo stopped unexpectedly'])
    expect(titles(dead, dead)).toEqual([])
    expect(titles(dead, shellState({ node: { kind: 'failed', code: 'a', message: 'b' } }))).toEqual(['exo does not run'])
  })
})
