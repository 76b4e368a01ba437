import { createContext, useContext } from 'react'
import type { ChatController } from '../features/chat/chat-controller.ts'
import type { ApiClient } from './api-client.ts'
import type { Host } from './host.ts'

/** What components act through. The entry builds them once. */
export interface Services {
  readonly host: Host
  readonly api: ApiClient
  readonly chat: ChatController
  readonly retryConnection: () => void
}

const ServicesContext = createContext<Services | null>(null)
export const ServicesProvider = ServicesContext.Provider

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('There is no ServicesProvider above this component.')
  return services
}
