import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useRef } from 'react'
import { Toasts } from '../features/activity/Toasts.tsx'
import { ChatView } from '../features/chat/ChatView.tsx'
import { Introduction } from '../features/first-run/Introduction.tsx'
import { PairingDialog } from '../features/join/PairingDialog.tsx'
import { useSettingsStore } from '../store/settings-store.ts'
import { useTheme } from '../store/use-theme.ts'
import { language } from '../ui/language.ts'
import { strings } from '../ui/strings.ts'
import { CommandPalette } from './CommandPalette.tsx'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { Navigation } from './Navigation.tsx'
import { PlaceTabs } from './PlaceTabs.tsx'
import { type Route, titleOfRoute, useRoute } from './routes.ts'
import { ShortcutsDialog } from './ShortcutsDialog.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { ViewBoundary } from './ViewBoundary.tsx'

const later = <Name extends string>(load: () => Promise<Readonly<Record<Name, ComponentType>>>, name: Name): ComponentType =>
  lazy<ComponentType>(async () => ({ default: (await load())[name] }))

/** Only the chat is there from the start. */
const views: Readonly<Record<Route, ComponentType>> = {
  chat: ChatView,
  models: later(() => import('../features/models/ModelsView.tsx'), 'ModelsView'),
  cluster: later(() => import('../features/cluster/ClusterViewPage.tsx'), 'ClusterViewPage'),
  instances: later(() => import('../features/instances/InstancesView.tsx'), 'InstancesView'),
  memory: later(() => import('../features/memory/MemoryView.tsx'), 'MemoryView'),
  rdma: later(() => import('../features/rdma/RdmaView.tsx'), 'RdmaView'),
  activity: later(() => import('../features/activity/ActivityView.tsx'), 'ActivityView'),
  throughput: later(() => import('../features/throughput/ThroughputView.tsx'), 'ThroughputView'),
  history: later(() => import('../features/history/HistoryView.tsx'), 'HistoryView'),
  settings: later(() => import('../features/settings/SettingsView.tsx'), 'SettingsView'),
  connect: later(() => import('../features/connect/ConnectView.tsx'), 'ConnectView'),
  diagnostics: later(() => import('../features/diagnostics/DiagnosticsView.tsx'), 'DiagnosticsView'),
}

export function App(): ReactNode {
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const theme = useTheme()
  useShortcuts()
  const isIntroduced = useSettingsStore((settings) => settings.isIntroduced)
  // Set before the effects of the views below run: charts take their colours from the theme.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.lang = language
  }, [theme])
  useEffect(() => {
    document.title = titleOfRoute(route)
  }, [route])
  const View = views[route]
  return (
    <div className="app">
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        {strings.common.skipToContent}
      </button>
      <Navigation current={route} />
      <div className="stage">
        <ConnectionBanner />
        <main ref={main} tabIndex={0} data-route={route}>
          <PlaceTabs current={route} />
          <ViewBoundary key={route}>
            <Suspense fallback={<p className="view muted">{strings.common.loading}</p>}>
              <View />
            </Suspense>
          </ViewBoundary>
        </main>
      </div>
      {isIntroduced ? <PairingDialog /> : <Introduction />}
      <CommandPalette />
      <ShortcutsDialog />
      <Toasts />
    </div>
  )
}
