import { expect, it } from 'vitest'
import { DownloadReport } from '../../shared/models/download.ts'
import { describeDownload } from './describe-download.ts'

const report = DownloadReport.parse({
  id: 'd',
  modelId: 'org/m',
  status: 'running',
  doneBytes: 5e6,
  totalBytes: 2e7,
  source: 'hub',
  savedBytes: 0,
  message: null,
})

it('a download tells how far it is, what it saves, and why it does not go on', () => {
  expect(
    [
      {},
      { totalBytes: 0, doneBytes: 0 },
      { savedBytes: 3e6, status: 'paused' as const },
      { status: 'failed' as const, message: 'Make room.' },
    ].map((change) => describeDownload({ ...report, ...change })),
  ).toEqual([
    'fetching org/m 5.0 MB of 20.0 MB',
    'fetching org/m',
    'fetching org/m 5.0 MB of 20.0 MB, 3.0 MB copied from other machines, paused',
    'fetching org/m 5.0 MB of 20.0 MB, failed: Make room.',
  ])
})
