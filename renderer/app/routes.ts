import { useSyncExternalStore } from 'react'
import { strings } from '../ui/strings.ts'

export const routes = [
  'chat',
  'cluster',
  'models',
  'instances',
  'memory',
  'throughput',
  'rdma',
  'history',
  'diagnostics',
  'settings',
] as const
export type Route = (typeof routes)[number]

/** The view that an address names; chat where it names none. */
function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '')
  return routes.find((route) => route === name) ?? 'chat'
}

export const addressOf = (route: Route): string => `#/${route}`

function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(onHashChange, () => location.hash))
}

export const titleOfRoute = (route: Route): string => `${strings.routes[route]} · ${strings.product}`
