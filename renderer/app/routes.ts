import { useSyncExternalStore } from 'react'
import { onHashChange } from '../services/chat-address.ts'
import { strings } from '../ui/strings.ts'

export const routes = [
  'chat',
  'models',
  'cluster',
  'instances',
  'memory',
  'rdma',
  'activity',
  'throughput',
  'history',
  'settings',
  'connect',
  'diagnostics',
] as const
export type Route = (typeof routes)[number]

/** The places of the navigation. The first view of a place gives it its name; the others are its tabs. */
export const places: readonly (readonly [Route, ...Route[]])[] = [
  ['chat'],
  ['models'],
  ['cluster', 'instances', 'memory', 'rdma'],
  ['activity', 'throughput', 'history'],
  ['settings', 'connect', 'diagnostics'],
]

export const placeOf = (route: Route): readonly Route[] => places.find((place) => place.includes(route)) ?? [route]

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
