// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { PairingView } from '../../../main/shared/wire/api/membership.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { strings } from '../../ui/strings.ts'
import { membershipOf } from './__fixtures__/membership-of.ts'
import { PairingDialog } from './PairingDialog.tsx'
import { pairingStrings as labels } from './strings.ts'

afterEach(clearView)

const comparing: PairingView = {
  pairingId: 'p1',
  role: 'joiner',
  status: 'comparing',
  clusterName: 'lab',
  peerName: 'studio-7',
  digits: '123456',
  isConfirmedHere: false,
  error: null,
}
const done = { 'DELETE /cluster/pairing': membershipOf(), 'POST /cluster/pairing/confirm': membershipOf() }

function renderPairing(changes: Partial<PairingView> | null) {
  useClusterStore.setState({ membership: membershipOf({ pairing: changes && { ...comparing, ...changes } }) })
  return renderView(<PairingDialog />, done)
}
const click = (name: string) => screen.getByRole('button', { name })

describe('PairingDialog', () => {
  it('is closed while nobody pairs', () => {
    renderPairing(null)
    expect(screen.queryByRole('dialog')).toBeNull()
  })
  it('shows the digits by threes and reads them one by one', async () => {
    const { user, sent } = renderPairing({})
    expect(screen.getByLabelText(labels.digits('1 2 3 4 5 6')).textContent).toBe('123456')
    await user.click(click(labels.agree))
    expect(sent).toEqual([{ route: 'POST /cluster/pairing/confirm', body: {} }])
  })
  it.each([
    ['the digits differ', {}, labels.differ],
    ['the other machine is still being contacted', { status: 'connecting', digits: null, peerName: null }, strings.common.cancel],
    ['the other machine has not confirmed yet', { isConfirmedHere: true }, labels.differ],
  ] as const)('can be cancelled when %s', async (_, changes, name) => {
    const { user, sent } = renderPairing(changes)
    await user.click(click(name))
    expect(sent).toEqual([{ route: 'DELETE /cluster/pairing', body: null }])
  })
  it('waits for the other machine after the person here agreed', () => {
    renderPairing({ isConfirmedHere: true })
    expect(screen.getByText(labels.waiting('studio-7'))).toBeTruthy()
    expect(screen.queryByRole('button', { name: labels.agree })).toBeNull()
  })
  it.each([
    ['host', labels.given('studio-7')],
    ['joiner', labels.joined('lab')],
  ] as const)('says that it worked (%s)', (role, text) => {
    renderPairing({ role, status: 'ended' })
    expect(screen.getByText(text)).toBeTruthy()
    expect(screen.queryByLabelText(/code is/)).toBeNull()
  })
  it('says that nothing was shared, and why', () => {
    renderPairing({ status: 'ended', error: { code: 'pairing-refused', message: 'The other person refused.' } })
    expect(screen.getByText(labels.failed)).toBeTruthy()
    expect(screen.getByText('The other person refused.')).toBeTruthy()
  })
})
