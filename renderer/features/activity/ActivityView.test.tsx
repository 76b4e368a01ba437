// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { translateErrors } from '../../client/error-text.ts'
import { germanErrorTranslation } from '../../client/german-error-translation.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { ActivityView } from './ActivityView.tsx'

afterEach(() => {
  clearView()
  translateErrors(null)
})

it('tells a stored reason in German by its code', async () => {
  translateErrors(germanErrorTranslation)
  const entry = { kind: 'download-failed', subject: 'org/tiny', machine: 'one', nodeId: null, message: 'The disk is full.' }
  renderView(<ActivityView />, {
    'GET /activity': {
      activity: [
        { ...entry, id: 1, atMs: 0, code: 'disk-full' },
        { ...entry, id: 2, atMs: 0, message: 'Words of the node.' },
      ],
    },
  })
  expect(await screen.findByText(germanErrorTranslation.textOf('disk-full') ?? '')).toBeDefined()
  expect(screen.getByText('Words of the node.')).toBeDefined()
})
