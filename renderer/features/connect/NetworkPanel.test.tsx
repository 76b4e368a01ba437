// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { localSettings } from '../../../main/shared/wire/api/__fixtures__/local-settings.ts'
import { NetworkPanel } from './NetworkPanel.tsx'
import { connectStrings } from './strings.ts'

afterEach(clearView)

const labels = connectStrings.network
const settings = (isChosen: boolean | null, ...networkUrls: string[]) => ({
  hasHubToken: false,
  chosen: { ...localSettings.chosen, isOnNetwork: isChosen },
  inUse: { ...localSettings.inUse, isOnNetwork: networkUrls.length > 0, networkUrls },
})
const URL = 'http://192.168.1.7:8080'
const token = { name: 'phone-1', rights: 'admin', createdAt: '2026-01-01T00:00:00.000Z' }

describe('NetworkPanel', () => {
  it('puts the node on the network at its next start', async () => {
    const { user, sent } = renderView(<NetworkPanel />, { 'GET /settings': settings(null), 'POST /settings': settings(true) })
    const control = screen.getByRole('switch', { name: labels.serve })
    await expect.poll(() => control.hasAttribute('disabled')).toBe(false)
    expect(screen.queryByRole('status')).toBeNull()
    await user.click(control)
    expect(sent.find(({ route }) => route === 'POST /settings')?.body).toEqual({ isOnNetwork: true })
  })
  it.each([
    [settings(true), labels.restartOn],
    [settings(false, URL), labels.restartOff],
    [settings(null, URL), labels.overridden],
  ])('says what a restart changes', async (answer, text) => {
    renderView(<NetworkPanel />, { 'GET /settings': answer, 'GET /tokens': { tokens: [] } })
    expect((await screen.findByText(text)).getAttribute('role')).toBe('status')
  })
  it('shows a phone a code with a token of its own, which can be revoked', async () => {
    const answers = {
      'GET /settings': settings(true, URL),
      'GET /tokens': { tokens: [token] },
      'POST /tokens': { ...token, token: 'exo-12ab' },
      'DELETE /tokens/phone-1': { name: 'phone-1' },
    }
    const { user, sent } = renderView(<NetworkPanel />, answers)
    await user.click(await screen.findByRole('button', { name: labels.connectPhone }))
    expect(await screen.findByRole('img', { name: labels.link })).toBeTruthy()
    expect(screen.getByText(`${URL}/dashboard#token=exo-12ab`)).toBeTruthy()
    expect(sent.find(({ route }) => route === 'POST /tokens')?.body).toMatchObject({
      name: expect.stringMatching(/^phone-[\w.-]+$/) as unknown,
      rights: 'admin',
    })
    await user.keyboard('{Escape}')
    await user.click(await screen.findByRole('button', { name: labels.revoke('phone-1') }))
    expect(sent.some(({ route }) => route === 'DELETE /tokens/phone-1')).toBe(true)
  })
})
