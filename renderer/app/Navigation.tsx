import type { ReactNode } from 'react'
import { useChatStore } from '../features/chat/conversation/chat-store.ts'
import { DoctorBadge } from '../features/diagnostics/DoctorBadge.tsx'
import { addressOfChat } from '../services/chat-address.ts'
import { useClusterStore } from '../store/cluster-store.ts'
import { useSettingsStore } from '../store/settings-store.ts'
import { Icon } from '../ui/Icon.tsx'
import { strings } from '../ui/strings.ts'
import { addressOf, placeOf, places, type Route } from './routes.ts'
import { setPaletteOpen, toggleNavigation } from './shell-store.ts'
import { shortcutLabel } from './shortcuts.ts'
import { connectionStrings, navigationStrings } from './strings.ts'

/** The five places, what needs attention, and the state of the connection. It can be collapsed to its icons. */
export function Navigation({ current }: { readonly current: Route }): ReactNode {
  const activeChatId = useChatStore((state) => state.activeId)
  const isCollapsed = useSettingsStore((settings) => settings.isNavigationCollapsed)
  const downloads = useClusterStore((state) => state.view?.downloads.filter(({ status }) => status === 'running').length ?? 0)
  const collapse = isCollapsed ? navigationStrings.expand : navigationStrings.collapse
  return (
    <nav className="navigation" aria-label={navigationStrings.label} data-collapsed={isCollapsed}>
      <div className="navigation-head">
        <a className="brand" href={addressOf('chat')}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M10 11 22 11M10 11 16 22M22 11 16 22" />
            <circle cx="10" cy="11" r="3.4" />
            <circle cx="22" cy="11" r="3.4" />
            <circle cx="16" cy="22" r="3.4" />
          </svg>
          <span>{strings.product}</span>
        </a>
        <button
          type="button"
          className="icon-button wide-only"
          aria-label={collapse}
          title={`${collapse} (${shortcutLabel('toggle-navigation')})`}
          aria-expanded={!isCollapsed}
          onClick={toggleNavigation}
        >
          <Icon name="sidebar" />
        </button>
      </div>
      <ul className="nav-group">
        {places.map(([route]) => (
          <li key={route}>
            <a
              href={route === 'chat' ? addressOfChat(activeChatId) : addressOf(route)}
              aria-current={placeOf(current)[0] === route ? (current === route ? 'page' : 'true') : undefined}
              title={isCollapsed ? strings.routes[route] : undefined}
            >
              <Icon name={route} />
              <span>{strings.routes[route]}</span>
              {route === 'models' && downloads > 0 && (
                <span className="nav-count" title={navigationStrings.downloads(downloads)}>
                  {downloads}
                  <span className="visually-hidden"> {navigationStrings.downloads(downloads)}</span>
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <div className="navigation-foot">
        <button type="button" className="nav-button wide-only" onClick={() => setPaletteOpen(true)} title={shortcutLabel('palette')}>
          <Icon name="search" />
          <span>{navigationStrings.search}</span>
        </button>
        <a className="nav-button wide-only" href={addressOf('connect')} aria-current={current === 'connect' ? 'page' : undefined}>
          <Icon name="connect" />
          <span>{strings.routes.connect}</span>
        </a>
        <DoctorBadge />
        <ConnectionState />
      </div>
    </nav>
  )
}

function ConnectionState(): ReactNode {
  const connection = useClusterStore((state) => state.connection)
  const clusterName = useClusterStore((state) => state.view?.clusterName)
  return (
    <p className="connection-state" data-connection={connection}>
      <span className="dot" />
      <span>{connectionStrings[connection]}</span>
      {clusterName && <span className="muted">{clusterName}</span>}
    </p>
  )
}
