import { ApiError } from '../../api-error.ts'

export const conversationFull = (id: string): ApiError =>
  new ApiError(
    400,
    'conversation_too_large',
    `Conversation '${id}' takes nothing more: it has over 16 MB. Delete items of it, or go on in a new conversation.`,
    { param: 'conversation' },
  )

export const conversationNotFound = (id: string): ApiError =>
  new ApiError(
    404,
    'conversation_not_found',
    `Conversation with id '${id}' not found. This node keeps conversations for 30 days after their last use, ` +
      'or until newer ones need the space.',
    { param: 'conversation' },
  )
