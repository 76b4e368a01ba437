// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { DownloadView } from '../../../../main/shared/models/download.ts'
import { translateErrors } from '../../../client/error-text.ts'
import { germanErrorTranslation } from '../../../client/german-error-translation.ts'
import { clearView, renderView } from '../../../services/__fixtures__/render-view.tsx'
import { DownloadTable } from './DownloadTable.tsx'

afterEach(() => {
  clearView()
  translateErrors(null)
})

const MESSAGE = 'The disk is full. Make room.'
const failed = (code?: string): DownloadView =>
  ({
    id: 'download-1',
    nodeId: 'a',
    modelId: 'org/tiny',
    status: 'failed',
    doneBytes: 1,
    totalBytes: 2,
    source: 'hub',
    savedBytes: 0,
    message: MESSAGE,
    ...(code !== undefined && { code }),
  }) as DownloadView

describe('DownloadTable', () => {
  it('tells a stored reason in German by its code, and in the node’s words where the code is unknown or absent', () => {
    translateErrors(germanErrorTranslation)
    renderView(<DownloadTable downloads={[failed('disk-full')]} />)
    expect(screen.getByRole('alert').textContent).toContain(germanErrorTranslation.textOf('disk-full'))
    for (const code of [undefined, 'of-next-year']) {
      clearView()
      renderView(<DownloadTable downloads={[failed(code)]} />)
      expect(screen.getByRole('alert').textContent).toContain(MESSAGE)
    }
  })
})
