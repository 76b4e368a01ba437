// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { NearbyCluster } from '../../../main/shared/wire/api/membership.ts'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { membershipOf } from './__fixtures__/membership-of.ts'
import { NearbyClusters } from './NearbyClusters.tsx'
import { joinStrings as labels } from './strings.ts'

afterEach(clearView)

const open: NearbyCluster = {
  clusterName: 'office',
  needsKey: false,
  machines: [{ nodeId: 'a', name: 'studio-7', totalBytes: 2 ** 36 }],
  totalBytes: 2 ** 36,
  obstacle: null,
}
const locked = { ...open, clusterName: 'lab', needsKey: true }

function renderNearby(nearby: readonly NearbyCluster[], answers: NodeAnswers = {}, isSwitching = false) {
  useClusterStore.setState({ membership: membershipOf({ nearby: [...nearby], isSwitching }) })
  return renderView(<NearbyClusters />, answers)
}
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name })

describe('NearbyClusters', () => {
  it('says that there are none', () => {
    renderNearby([])
    expect(screen.getByText(labels.noneNearby)).toBeTruthy()
  })
  it('joins an open cluster with one click and shows the answer at once', async () => {
    const { user, sent } = renderNearby([open], { 'POST /cluster/join': membershipOf({ clusterName: 'office' }) })
    await user.click(button(labels.join))
    expect(sent).toEqual([{ route: 'POST /cluster/join', body: { clusterName: 'office' } }])
    expect(await screen.findByText(labels.noneNearby)).toBeTruthy()
    expect(useClusterStore.getState().membership?.clusterName).toBe('office')
  })
  it('asks for the key of a private cluster, and sends none that is empty', async () => {
    const { user, sent } = renderNearby([locked], { 'POST /cluster/join': refusal(403, 'wrong-key', 'The key is wrong.') })
    await user.click(button(labels.join))
    expect(sent).toEqual([])
    expect(button(labels.joinWithKey).disabled).toBe(true)
    await user.type(screen.getByLabelText(labels.key), 'correct horse{Enter}')
    expect(sent).toEqual([{ route: 'POST /cluster/join', body: { clusterName: 'lab', key: 'correct horse' } }])
    expect(await screen.findByText('The key is wrong.')).toBeTruthy()
  })
  it('starts a comparison of digits for a person without the key', async () => {
    const { user, sent } = renderNearby([locked], { 'POST /cluster/pairing': membershipOf() })
    await user.click(button(labels.join))
    await user.click(button(labels.compareDigits))
    expect(sent).toEqual([{ route: 'POST /cluster/pairing', body: { clusterName: 'lab' } }])
  })
  it('names the obstacle instead of a button', () => {
    renderNearby([{ ...open, obstacle: 'its exo is newer' }])
    expect(screen.getByText(labels.cannotJoin('its exo is newer'))).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })
  it('waits while the machine moves between clusters', () => {
    renderNearby([open], {}, true)
    expect(button(labels.joining).disabled).toBe(true)
  })
})
