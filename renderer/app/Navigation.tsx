import { type ReactNode, useEffect, useRef } from 'react'
import { useChatStore } from '../features/chat/conversation/chat-store.ts'
import { addressOfChat } from '../services/chat-address.ts'
import { useClusterStore } from '../store/cluster-store.ts'
import { Icon } from '../ui/Icon.tsx'
import { strings } from '../ui/strings.ts'
import { connectionStrings, navigationStrings } from './strings.ts'
import { addressOf, type Route } from './routes.ts'

const groups: readonly { readonly title: string | null; readonly routes: readonly Route[] }[] = [
  { title: null, routes: ['chat', 'models', 'connect'] },
  { title: navigationStrings.cluster, routes: ['cluster', 'instances', 'memory', 'throughput', 'rdma'] },
  { title: navigationStrings.node, routes: ['history', 'diagnostics', 'settings'] },
]

export function Navigation({ current }: { readonly current: Route }): ReactNode {
  const list = useRef<HTMLElement>(null)
  const activeChatId = useChatStore((state) => state.activeId)
  // In a narrow window the navigation is a single row that scrolls.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  return (
    <nav ref={list} className="navigation" aria-label={navigationStrings.label}>
      <a className="brand" href={addressOf('chat')}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M10 11 22 11M10 11 16 22M22 11 16 22" />
          <circle cx="10" cy="11" r="3.4" />
          <circle cx="22" cy="11" r="3.4" />
          <circle cx="16" cy="22" r="3.4" />
        </svg>
        {strings.product}
      </a>
      {groups.map(({ title, routes }) => (
        <div key={routes[0]} className="nav-group">
          {title && <p>{title}</p>}
          <ul>
            {routes.map((route) => (
              <li key={route}>
                <a
                  href={route === 'chat' ? addressOfChat(activeChatId) : addressOf(route)}
                  aria-current={route === current ? 'page' : undefined}
                >
                  <Icon name={route} />
                  {strings.routes[route]}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <ConnectionState />
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
