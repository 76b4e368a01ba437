import { z } from 'zod'
import { ChatId } from '../../shared/chats/chat.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'

/** What the routes of chats have in common. */
export const chatTags = ['chats']
export const chatFailures = { '4xx': ErrorBody, '5xx': ErrorBody }
export const OfChat = z.object({ id: ChatId })
