// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { MachineList } from './MachineList.tsx'

afterEach(cleanup)

const GIB = 2 ** 30
const viewOf = (availableGib: number): ClusterView =>
  ({
    nodeId: 'a',
    leader: null,
    nodes: { a: { name: 'studio', chip: 'M3 Ultra', totalBytes: 100 * GIB, availableBytes: availableGib * GIB } },
    instances: { i: { shards: [{ nodeId: 'a', residentBytes: 40 * GIB, kvBytes: 5 * GIB }] } },
  }) as never
const tones = (): (string | undefined)[] => [...document.querySelectorAll('.bar-part')].map(({ className }) => className.split('tone-')[1])

describe('MachineList', () => {
  it('tells used of total memory, as the dashboard does', () => {
    render(<MachineList view={viewOf(25)} />)
    expect(screen.getByRole('meter').getAttribute('aria-valuetext')).toBe('75.0 GiB of 100 GiB used')
    expect(screen.getByText('75.0 GiB of 100 GiB used')).toBeDefined()
  })
  it.each([
    [50, ['accent', 'success', 'neutral']],
    [12, ['accent', 'success', 'warning']],
    [3, ['accent', 'success', 'danger']],
    // Its free memory is not known yet.
    [0, []],
  ])('has the colour code of the dashboard with %i GiB available', (available, expected) => {
    render(<MachineList view={viewOf(available)} />)
    expect(tones()).toEqual(expected)
  })
})
