// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { Host } from '../../client/host.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { strings } from '../../ui/strings.ts'
import { ReportDialog } from './ReportDialog.tsx'
import { diagnosticsStrings } from './strings.ts'

afterEach(clearView)

it('F22: the report is shown as it will be saved, without names and addresses', async () => {
  useClusterStore.setState({ view: { clusterName: 'desk', nodes: { abcd: { name: 'studio-1' } } } as never })
  const saved: string[][] = []
  const host = { saveFile: (...file: string[]) => void saved.push(file) } as unknown as Host
  const { user } = renderView(
    <ReportDialog diagnostics={null} />,
    {
      'GET /doctor': { checks: [{ finding: 'studio-1 at 10.0.0.7 has no RDMA' }] },
      'GET /logs?lines=200': { name: 'studio-1', lines: [{ text: 'asked by anna with Bearer abcdefgh in /Users/anna/x' }] },
    },
    { host },
  )
  await user.click(screen.getByRole('button', { name: diagnosticsStrings.report.open }))
  const shown = await screen.findByRole('group')
  expect(shown.textContent).toContain('machine-2 at address-1 has no RDMA')
  expect(shown.textContent).toContain('asked by user with Bearer [removed] in /Users/user/x')
  expect(shown.textContent).not.toMatch(/studio|anna|10\.0\.0\.7|"desk"/)
  await user.click(screen.getByRole('button', { name: strings.common.save }))
  expect(saved).toEqual([['exo-report.json', 'application/json', shown.textContent]])
})
