import { useSyncExternalStore } from 'react'
import { onHashChange } from '../services/chat-address.ts'
import { strings } from '../ui/strings.ts'

export const routes = [
  'chat',
  'cluster',
  'models',
  'connect',
  'instances',
  'memory',
  'throughput',
  'rdma',
  'history',
  'diagnostics',
  'settings',
] as const
export type Route = (typeof routes)[number]

/** The view that an address names, such as `#/chat/ID`; chat where it names none. */
function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '').split('/', 1)[0]
  return routes.find((route) => route === name) ?? 'chat'
}

export const addressOf = (route: Route): string => `#/${route}`

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(onHashChange, () => location.hash))
}

export const titleOfRoute = (route: Route): string => `${strings.routes[route]} · ${strings.product}`
