// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { DoctorChecks } from './DoctorChecks.tsx'
import { diagnosticsStrings as labels } from './strings.ts'

afterEach(clearView)

it('B39: a fix is a sentence, and its button copies the command alone', async () => {
  const checks = [
    { id: 'a', title: 'Disk', state: 'warning', finding: 'nearly full', fix: 'delete models you don’t need: `exo models rm NAME`' },
    { id: 'b', title: 'RDMA', state: 'problem', finding: 'off', fix: 'turn it on' },
  ]
  const copyText = vi.fn(() => Promise.resolve())
  const { user } = renderView(<DoctorChecks />, { 'GET /doctor': { checks } }, { host: { copyText } as never })
  expect((await screen.findAllByRole('listitem')).map((item) => item.textContent)).toEqual([
    expect.stringContaining('Turn it on.'),
    expect.stringContaining('Delete models you don’t need: exo models rm NAME.'),
  ])
  await user.click(screen.getByRole('button', { name: labels.copyFix }))
  expect(copyText).toHaveBeenCalledWith('exo models rm NAME')
})
