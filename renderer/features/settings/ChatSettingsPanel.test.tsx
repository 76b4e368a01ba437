// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clearView, type NodeAnswers, refusal, renderView } from '../../services/__fixtures__/render-view.tsx'
import { ChatSettingsPanel } from './ChatSettingsPanel.tsx'
import { settingsStrings } from './strings.ts'

afterEach(clearView)

async function exportAll(answers: NodeAnswers) {
  const saveFile = vi.fn()
  const { user } = renderView(<ChatSettingsPanel />, answers, { host: { saveFile } as never })
  await user.click(screen.getByRole('button', { name: settingsStrings.chats.export }))
  return saveFile
}

describe('the export of all chats', () => {
  it('is saved as the node sends it', async () => {
    const saveFile = await exportAll({ 'GET /chats/export': { chats: [], 'a later field': 1 } })
    await expect.poll(() => saveFile.mock.calls).toEqual([['exo-chats.json', 'application/json', '{"chats":[],"a later field":1}']])
  })
  it('saves nothing where the node refuses, and says why', async () => {
    const saveFile = await exportAll({ 'GET /chats/export': refusal(503, 'not-ready', 'The node is starting.') })
    expect(await screen.findByText('The node is starting.')).toBeTruthy()
    expect(saveFile).not.toHaveBeenCalled()
  })
})
