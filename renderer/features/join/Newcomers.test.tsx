// @vitest-environment happy-dom
import { act, screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NodeId } from '../../../main/shared/ids.ts'
import type { ClosedClusterView, Membership } from '../../../main/shared/wire/api/membership.ts'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { membershipOf } from './__fixtures__/membership-of.ts'
import { Newcomers } from './Newcomers.tsx'
import { newcomerStrings as labels } from './strings.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const nodeId = 'abcdefghijklmnop234567qrstuvwxyz' as NodeId
const closed: ClosedClusterView = { members: [], waiting: [], letInBy: null, isWindowOpen: false }
const waiting = { nodeId, name: 'studio-3', address: '10.0.0.3', sinceMs: NOW_MS, waitsFor: 'this-side', wasRemoved: false } as const
const member = { nodeId, name: 'studio-2', cause: 'just-started', admittedAtMs: NOW_MS - 60_000 } as const

afterEach(() => {
  clearView()
  useSettingsStore.setState({ acknowledgedAdmissions: [] })
  vi.restoreAllMocks()
})

function renderNewcomers(membership: Partial<Membership>, answers: NodeAnswers = {}) {
  vi.spyOn(Date, 'now').mockReturnValue(NOW_MS)
  useClusterStore.setState({ membership: membershipOf(membership) })
  return renderView(<Newcomers />, answers)
}

describe('Newcomers', () => {
  it('renders nothing when nobody waits', () => {
    renderNewcomers({ closed })
    expect(document.body.textContent).toBe('')
  })
  it('admits by the fingerprint that it shows, and not by the name', async () => {
    const { user, sent } = renderNewcomers(
      { closed: { ...closed, waiting: [waiting] } },
      { 'POST /cluster/admit': membershipOf({ closed: { ...closed, members: [{ ...member, cause: 'admitted', isLinked: true }] } }) },
    )
    expect(screen.getByText(labels.fingerprint('abcd-efgh-ijkl-mnop', '10.0.0.3'))).toBeTruthy()
    await user.click(screen.getByRole('button', { name: labels.admit }))
    expect(sent).toEqual([{ route: 'POST /cluster/admit', body: { name: nodeId } }])
    await vi.waitFor(() => expect(screen.queryByText(labels.wants('studio-3'))).toBeNull())
  })
  it('refuses, and shows why that failed', async () => {
    const { user, sent } = renderNewcomers(
      { closed: { ...closed, waiting: [waiting] } },
      { 'POST /cluster/refuse': refusal(404, 'unknown-machine', 'studio-3 has gone.') },
    )
    await user.click(screen.getByRole('button', { name: labels.refuse }))
    expect(sent.map(({ route }) => route)).toEqual(['POST /cluster/refuse'])
    expect(await screen.findByText('studio-3 has gone.')).toBeTruthy()
  })
  it('offers no buttons when the other machine decides', () => {
    renderNewcomers({ closed: { ...closed, waiting: [{ ...waiting, waitsFor: 'other-side' }] } })
    expect(screen.getByText(labels.asked('studio-3'))).toBeTruthy()
    expect(screen.queryByRole('button')).toBeNull()
  })
  it('hides a removed machine that asks again', () => {
    renderNewcomers({ closed: { ...closed, waiting: [{ ...waiting, wasRemoved: true }] } })
    expect(screen.queryByText(labels.wants('studio-3'))).toBeNull()
  })
  it.each([
    ['just-started', labels.byStart],
    ['cable', labels.byCable],
  ] as const)('names a machine admitted automatically (%s) for ten minutes, with a way to remove it', async (cause, text) => {
    const { user, sent } = renderNewcomers(
      { closed: { ...closed, members: [{ ...member, cause, isLinked: true }] } },
      { 'POST /cluster/remove': membershipOf({ closed }) },
    )
    expect(screen.getByText(text)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: labels.remove }))
    expect(sent).toEqual([{ route: 'POST /cluster/remove', body: { name: nodeId } }])
  })
  it('no longer names a machine that the user knows, until it is admitted again', async () => {
    const { user, sent } = renderNewcomers({ closed: { ...closed, members: [{ ...member, isLinked: true }] } })
    await user.click(screen.getByRole('button', { name: labels.isMine }))
    expect(document.body.textContent).toBe('')
    expect(sent).toEqual([])
    act(() =>
      useClusterStore.setState({
        membership: membershipOf({ closed: { ...closed, members: [{ ...member, admittedAtMs: NOW_MS - 1_000, isLinked: true }] } }),
      }),
    )
    expect(screen.getByText(labels.letIn('studio-2'))).toBeTruthy()
  })
  it('no longer names the machine that admitted this one after the user has acknowledged it', async () => {
    const letInBy = member
    const { user } = renderNewcomers({ closed: { ...closed, letInBy } })
    await user.click(screen.getByRole('button', { name: labels.isMine }))
    expect(document.body.textContent).toBe('')
  })
  it.each([
    ['admitted long ago', { admittedAtMs: NOW_MS - 11 * 60_000 }],
    ['admitted by a person', { cause: 'admitted' }],
  ] as const)('does not name a member that was %s', (_, changes) => {
    renderNewcomers({ closed: { ...closed, members: [{ ...member, ...changes, isLinked: true }] } })
    expect(document.body.textContent).toBe('')
  })
  it('offers to undo that another machine admitted this one', async () => {
    const { user, sent } = renderNewcomers(
      { closed: { ...closed, letInBy: member, members: [{ ...member, isLinked: true }] } },
      { 'POST /cluster/leave': membershipOf({ closed }) },
    )
    const note = screen.getByText(labels.letInBy('studio-2', 'desk')).closest<HTMLElement>('.newcomer')!
    await user.click(within(note).getByRole('button', { name: labels.leave }))
    expect(sent.map(({ route }) => route)).toEqual(['POST /cluster/leave'])
    expect(screen.queryByText(labels.letIn('studio-2'))).toBeNull()
  })
  it('warns about an open cluster', () => {
    renderNewcomers({ admission: 'open', hasKey: false })
    expect(screen.getByText(labels.open('desk'))).toBeTruthy()
  })
})
