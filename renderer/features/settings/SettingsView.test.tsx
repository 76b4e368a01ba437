// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { useClusterStore } from '../../store/cluster-store.ts'
import { useSettingsStore } from '../../store/settings-store.ts'
import { joinStrings } from '../join/strings.ts'
import { SettingsView } from './SettingsView.tsx'
import { settingsStrings as labels } from './strings.ts'

afterEach(() => {
  clearView()
  useSettingsStore.setState({ apiToken: null })
})
const field = () => screen.getByLabelText(labels.tokenBody)

it('B21: where the node asks for a token, its field is the first and has the focus; a wrong one is told', async () => {
  useClusterStore.setState({ connection: 'refused' })
  const { user } = renderView(<SettingsView />)
  expect(screen.getAllByRole('heading', { level: 2 })[0]?.textContent).toBe(labels.token)
  expect(document.activeElement).toBe(field())
  expect(screen.queryByText(labels.tokenWrong)).toBeNull()
  await user.keyboard('guess{Enter}')
  expect(useSettingsStore.getState().apiToken).toBe('guess')
  expect(screen.getByText(labels.tokenWrong)).toBeTruthy()
})

it('B21: otherwise the token waits further down', () => {
  useClusterStore.setState({ connection: 'live' })
  renderView(<SettingsView />)
  expect(screen.getAllByRole('heading', { level: 2 })[0]?.textContent).toBe(labels.theme)
  expect(document.activeElement).not.toBe(field())
})

it('B37: a machine that is alone in the first cluster is not asked to leave it', () => {
  const membership = { clusterName: 'default', ownClusterName: 'mac', isSwitching: false, nearby: [] }
  const alone = { nodeId: 'a', clusterName: 'default', nodes: { a: {} }, instances: {}, downloads: [] }
  useClusterStore.setState({ view: alone as never, membership: membership as never })
  renderView(<SettingsView />)
  expect(screen.queryByRole('button', { name: joinStrings.leave })).toBeNull()
  clearView()
  useClusterStore.setState({ view: { ...alone, nodes: { a: {}, b: {} } } as never, membership: membership as never })
  renderView(<SettingsView />)
  expect(screen.getByRole('button', { name: joinStrings.leave })).toBeTruthy()
})
