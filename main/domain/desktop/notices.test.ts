import { describe, expect, it } from 'vitest'
import type { DownloadView } from '../../shared/models/download.ts'
import { ModelId, NodeId } from '../../shared/ids.ts'
import { clusterView, instanceView, nodeView, shellState } from './__fixtures__/shell-state.ts'
import { noticesBetween } from './notices.ts'
import { englishTexts } from './texts/english-texts.ts'

type Noticed = Parameters<typeof noticesBetween>[0]
const alone = shellState({ view: clusterView([nodeView('studio')]) })
const titles = (before: Noticed, after: Noticed): string[] => noticesBetween(before, after, englishTexts).map(({ title }) => title)

describe('noticesBetween', () => {
  it('tells who came and who went', () => {
    const both = shellState({ view: clusterView([nodeView('studio'), nodeView('mini')]) })
    expect(titles(alone, both)).toEqual(['mini joined'])
    expect(titles(both, alone)).toEqual(['mini left'])
  })

  it('tells when a model is ready, once, and why one failed', () => {
    const withModel = (status: 'loading' | 'ready' | 'failed') =>
      shellState({ view: clusterView([nodeView('studio')], [instanceView('qwen', { status, reasons: ['No node has 9 GB free.'] })]) })
    expect(titles(alone, withModel('loading'))).toEqual([])
    expect(titles(withModel('loading'), withModel('ready'))).toEqual(['qwen is ready'])
    expect(titles(withModel('ready'), withModel('ready'))).toEqual([])
    expect(noticesBetween(withModel('loading'), withModel('failed'), englishTexts)).toEqual([
      { title: 'qwen could not be loaded', body: 'No node has 9 GB free.' },
    ])
  })

  it('tells of a download that failed, once, why, and to where it was on its way', () => {
    const download = (nodeId: string, status: 'running' | 'failed'): DownloadView => {
      const message = status === 'failed' ? 'The disk is full.' : null
      return {
        id: `of ${nodeId}`,
        nodeId: NodeId.parse(nodeId),
        modelId: ModelId.parse('qwen'),
        status,
        doneBytes: 1,
        totalBytes: 2,
        savedBytes: 0,
        source: 'hub',
        message,
      }
    }
    const withDownloads = (...downloads: DownloadView[]) =>
      shellState({ view: { ...clusterView([nodeView('studio'), nodeView('mini')]), downloads } })
    const [running, failed] = [withDownloads(download('studio', 'running')), withDownloads(download('studio', 'failed'))]
    expect(titles(withDownloads(), running)).toEqual([])
    expect(noticesBetween(running, failed, englishTexts)).toEqual([{ title: 'qwen could not be downloaded', body: 'The disk is full.' }])
    expect(titles(failed, failed)).toEqual([])
    expect(titles(failed, withDownloads(download('studio', 'failed'), download('mini', 'failed')))).toEqual([
      'qwen could not be downloaded to mini',
    ])
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
    expect(titles(dead, shellState({ node: { kind: 'failed', code: 'a', message: 'b' } }))).toEqual(['exo stopped'])
  })
})
