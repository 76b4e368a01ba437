import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ChatSettings } from '../../shared/chats/chat.ts'
import { NO_PRESETS, withPreset } from '../../shared/chats/chat-presets.ts'
import { openChatPresets } from './chat-presets-file.ts'

it('keeps presets for the next start, for their owner alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-presets-'))
  const preset = { id: 'preset-0001', name: 'Brief', settings: ChatSettings.parse({ systemPrompt: 'Be brief.' }) }
  expect(await openChatPresets(dataDir).all()).toEqual(NO_PRESETS)
  await openChatPresets(dataDir).change((kept) => withPreset(kept, preset, true))
  expect(await openChatPresets(dataDir).all()).toEqual({ presets: [preset], defaultId: preset.id })
  expect((await stat(join(dataDir, 'chat-presets.json'))).mode & 0o777).toBe(0o600)
  await rm(dataDir, { recursive: true })
})
