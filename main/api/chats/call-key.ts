/** Where a call of a tool is. Its id may occur in other answers too. */
export interface CallPlace {
  readonly chatId: string
  readonly messageId: string
  readonly callId: string
}

export const callKey = ({ chatId, messageId, callId }: CallPlace): string => `${chatId}/${messageId}/${callId}`
