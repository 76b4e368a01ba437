// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { LinksPanel } from './LinksPanel.tsx'
import { clusterStrings } from './strings.ts'
import { toEdges } from './topology-graph.ts'

afterEach(clearView)

const link = (from: string, to: string, throughputBytesPerSecond?: number) =>
  ({ from, to, kind: 'tcp', roundTripMs: 1, ...(throughputBytesPerSecond !== undefined && { throughputBytesPerSecond }) }) as never
const edges = toEdges([link('a', 'b'), link('b', 'a')])
const measureButton = (): HTMLElement => screen.getByRole('button', { name: clusterStrings.measure })

describe('LinksPanel', () => {
  it('F20: measures the links, and shows the better direction', async () => {
    const links = [link('a', 'b', 1e9), link('b', 'a', 2e9), link('a', 'c', 9e9)]
    const { user, sent } = renderView(<LinksPanel edges={edges} />, { 'POST /links/measure': { links } })
    await user.click(measureButton())
    expect(await screen.findByText('2.0 GB/s')).toBeDefined()
    expect(sent).toEqual([{ route: 'POST /links/measure', body: {} }])
  })
  it('tells why it could not measure', async () => {
    const { user } = renderView(<LinksPanel edges={edges} />, { 'POST /links/measure': refusal(503, 'no-link', 'There is no link.') })
    await user.click(measureButton())
    expect((await screen.findByRole('alert')).textContent).toContain('There is no link.')
  })
})
