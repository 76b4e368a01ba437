import { type ComponentType, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { ChatView } from '../features/chat/ChatView.tsx'
import { ClusterViewPage } from '../features/cluster/ClusterViewPage.tsx'
import { ConnectView } from '../features/connect/ConnectView.tsx'
import { DiagnosticsView } from '../features/diagnostics/DiagnosticsView.tsx'
import { Introduction } from '../features/first-run/Introduction.tsx'
import { HistoryView } from '../features/history/HistoryView.tsx'
import { InstancesView } from '../features/instances/InstancesView.tsx'
import { MemoryView } from '../features/memory/MemoryView.tsx'
import { ModelsView } from '../features/models/ModelsView.tsx'
import { PairingDialog } from '../features/join/PairingDialog.tsx'
import { RdmaView } from '../features/rdma/RdmaView.tsx'
import { SettingsView } from '../features/settings/SettingsView.tsx'
import { ThroughputView } from '../features/throughput/ThroughputView.tsx'
import { useSettingsStore } from '../store/settings-store.ts'
import { useTheme } from '../store/use-theme.ts'
import { strings } from '../ui/strings.ts'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { Navigation } from './Navigation.tsx'
import { type Route, titleOfRoute, useRoute } from './routes.ts'
import { ViewBoundary } from './ViewBoundary.tsx'

const views: Readonly<Record<Route, ComponentType>> = {
  chat: ChatView,
  cluster: ClusterViewPage,
  models: ModelsView,
  connect: ConnectView,
  instances: InstancesView,
  memory: MemoryView,
  throughput: ThroughputView,
  rdma: RdmaView,
  history: HistoryView,
  diagnostics: DiagnosticsView,
  settings: SettingsView,
}

export function App(): ReactNode {
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const theme = useTheme()
  const isIntroduced = useSettingsStore((settings) => settings.isIntroduced)
  // Set before the effects of the views below run: charts take their colours from the theme.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme
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
          <ViewBoundary key={route}>
            <View />
          </ViewBoundary>
        </main>
      </div>
      {isIntroduced ? <PairingDialog /> : <Introduction />}
    </div>
  )
}
