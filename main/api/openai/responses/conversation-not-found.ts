import { ApiError } from '../../api-error.ts'

export const conversationNotFound = (id: string): ApiError =>
  new ApiError(
    404,
    'conversation_not_found',
    `Conversation with id '${id}' not found. This node keeps conversations for 30 days after their last use, ` +
      'or until newer ones need the space.',
    { param: 'conversation' },
  )
