// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { localSettings } from '../../../main/shared/wire/api/__fixtures__/local-settings.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { HubTokenForm } from './HubTokenForm.tsx'
import { settingsStrings } from './strings.ts'

const labels = settingsStrings.hubToken
afterEach(clearView)

function renderForm(hasToken: boolean) {
  const onSaved = vi.fn()
  return { onSaved, ...renderView(<HubTokenForm hasToken={hasToken} onSaved={onSaved} />, { 'POST /settings': localSettings }) }
}
const field = (): HTMLInputElement => screen.getByLabelText(labels.name)
const saveButton = (): HTMLButtonElement => screen.getByRole('button', { name: labels.save })

describe('HubTokenForm', () => {
  it('F18: sends a token once, hidden while it is typed, and forgets it', async () => {
    const { user, sent, onSaved } = renderForm(false)
    expect([field().type, saveButton().disabled]).toEqual(['password', true])
    await user.type(field(), ' hf_abc ')
    await user.click(saveButton())
    expect(sent).toEqual([{ route: 'POST /settings', body: { hubToken: 'hf_abc' } }])
    await expect.poll(() => field().value).toBe('')
    expect(onSaved).toHaveBeenCalledOnce()
  })
  it('says that a token is stored, and removes it', async () => {
    const { user, sent } = renderForm(true)
    expect(field().placeholder).toBe(labels.stored)
    await user.click(screen.getByRole('button', { name: labels.remove }))
    expect(sent).toEqual([{ route: 'POST /settings', body: { hubToken: null } }])
  })
  it('does not send what cannot be a token', async () => {
    const { user, sent } = renderForm(false)
    await user.type(field(), 'hf abc')
    expect([saveButton().disabled, screen.getByText(labels.wrong) !== null]).toEqual([true, true])
    expect(sent).toEqual([])
  })
})
