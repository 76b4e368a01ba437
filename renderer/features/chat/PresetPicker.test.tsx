// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { type ReactNode, useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChatPresets } from '../../../main/shared/chats/chat-presets.ts'
import { ChatSettings } from '../../../main/shared/chats/chat.ts'
import { clearView, renderView } from '../../services/__fixtures__/render-view.tsx'
import { PresetPicker } from './PresetPicker.tsx'
import { useChatPresets } from './use-chat-presets.ts'
import { chatStrings } from './strings.ts'

afterEach(clearView)

const labels = chatStrings.presets
const brief = { id: 'preset-0001', name: 'Brief', settings: ChatSettings.parse({ systemPrompt: 'Be brief.' }) }
const kept: ChatPresets = { presets: [brief], defaultId: null }

async function renderPicker(initial: Partial<ChatSettings> = {}) {
  function Held(): ReactNode {
    const [settings, setSettings] = useState(ChatSettings.parse(initial))
    return (
      <>
        <PresetPicker presets={useChatPresets()} settings={settings} onChange={setSettings} />
        <output>{settings.systemPrompt}</output>
      </>
    )
  }
  const rendered = renderView(<Held />, {
    'GET /chats/presets': kept,
    'PUT /chats/presets/preset-0001': kept,
    'DELETE /chats/presets/preset-0001': kept,
  })
  await screen.findByRole('option', { name: 'Brief' })
  const changes = () => rendered.sent.filter(({ route }) => !route.startsWith('GET'))
  return { ...rendered, select: screen.getByLabelText<HTMLSelectElement>(labels.preset), changes }
}

describe('PresetPicker', () => {
  it('applies a preset, and shows none once the settings differ from all', async () => {
    const { user, select } = await renderPicker({ temperature: 1 })
    expect(select.value).toBe('')
    await user.selectOptions(select, 'Brief')
    expect([select.value, screen.getByRole('status').textContent]).toEqual([brief.id, 'Be brief.'])
  })
  it('saves the settings under a name, and replaces the preset that has it', async () => {
    const { user, changes } = await renderPicker({ temperature: 1 })
    await user.click(screen.getByRole('button', { name: labels.save }))
    await user.type(screen.getByLabelText(labels.name), ' Brief ')
    await user.click(screen.getByRole('button', { name: labels.replace }))
    expect(changes()).toEqual([
      {
        route: 'PUT /chats/presets/preset-0001',
        body: { name: 'Brief', settings: ChatSettings.parse({ temperature: 1 }), isDefault: false },
      },
    ])
  })
  it('makes a preset that of new chats, and deletes it', async () => {
    const { user, changes } = await renderPicker({ systemPrompt: 'Be brief.' })
    await user.click(screen.getByRole('button', { name: labels.forNewChats }))
    expect(changes()[0]).toMatchObject({ route: 'PUT /chats/presets/preset-0001', body: { isDefault: true } })
    await user.click(screen.getByRole('button', { name: labels.remove }))
    expect(changes()[1]?.route).toBe('DELETE /chats/presets/preset-0001')
  })
})
