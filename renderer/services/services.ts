import { createContext, useContext } from 'react'
import type { ChatController } from '../features/chat/conversation/chat-controller.ts'
import type { ApiClient } from '../client/api-client.ts'
import type { Host } from '../client/host.ts'

/** The services that components call. The entry point creates them once. */
export interface Services {
  readonly host: Host
  readonly api: ApiClient
  readonly chat: ChatController
  readonly retryConnection: () => void
}

/** Only the node's API: the popover reaches it through the shell and has no other service. */
const ApiContext = createContext<MembershipApi | null>(null)
export const ApiProvider = ApiContext.Provider

/** The calls for joining and leaving a cluster. */
export type MembershipApi = Pick<ApiClient, 'post' | 'delete'>

export function useMembershipApi(): MembershipApi {
  const api = useContext(ApiContext)
  if (!api) throw new Error('There is no ApiProvider above this component.')
  return api
}

const ServicesContext = createContext<Services | null>(null)
export const ServicesProvider = ServicesContext.Provider

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('There is no ServicesProvider above this component.')
  return services
}
