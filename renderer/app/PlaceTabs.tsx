import type { ReactNode } from 'react'
import { strings } from '../ui/strings.ts'
import { addressOf, placeOf, type Route } from './routes.ts'

/** The views of a place; nothing if it has only one. */
export function PlaceTabs({ current }: { readonly current: Route }): ReactNode {
  const [place, ...others] = placeOf(current)
  if (place === undefined || others.length === 0) return null
  return (
    <nav className="place-tabs" aria-label={strings.routes[place]}>
      {[place, ...others].map((route) => (
        <a key={route} href={addressOf(route)} aria-current={route === current ? 'page' : undefined}>
          {strings.tabs[route] ?? strings.routes[route]}
        </a>
      ))}
    </nav>
  )
}
