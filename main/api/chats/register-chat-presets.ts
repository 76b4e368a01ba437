import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import { ChatPreset, ChatPresets, MOST_PRESETS, withoutPreset, withPreset } from '../../shared/chats/chat-presets.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { chatFailures, chatTags, OfChat } from './chat-routes.ts'

/** Presets of the dashboard's chats. */
export function registerChatPresets(server: ApiServer, { chatPresets }: ApiContext): void {
  const change = async (next: (kept: ChatPresets) => ChatPresets): Promise<ChatPresets> => {
    await chatPresets.change(next)
    return chatPresets.all()
  }

  server.get(
    '/chats/presets',
    { schema: { summary: 'Named settings of chats', tags: chatTags, response: { 200: ChatPresets, ...chatFailures } } },
    async () => chatPresets.all(),
  )

  server.put(
    '/chats/presets/:id',
    {
      schema: {
        summary: 'Add or replace a preset. `isDefault`: new chats begin with it',
        tags: chatTags,
        params: OfChat,
        body: ChatPreset.omit({ id: true })
          .strict()
          .extend({ isDefault: z.boolean().default(false) }),
        response: { 200: ChatPresets, ...chatFailures },
      },
    },
    async ({ params: { id }, body: { isDefault, ...preset } }) =>
      change((kept) => {
        const changed = withPreset(kept, { ...preset, id }, isDefault)
        if (changed.presets.length > MOST_PRESETS)
          throw new AppError('invalid-request', `A node keeps at most ${MOST_PRESETS} presets. Delete one first.`)
        return changed
      }),
  )

  server.delete(
    '/chats/presets/:id',
    { schema: { summary: 'Delete a preset', tags: chatTags, params: OfChat, response: { 200: ChatPresets, ...chatFailures } } },
    async ({ params }) => change((kept) => withoutPreset(kept, params.id)),
  )
}
