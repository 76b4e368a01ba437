import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'
import { createApiClient } from '../client/api-client.ts'
import { browserHost } from '../client/browser-host.ts'
import { translateErrors } from '../client/error-text.ts'
import { tokenInAddress } from '../client/token-in-address.ts'
import { ApiProvider, ServicesProvider } from '../services/services.ts'
import { openBrowserConversations } from '../features/chat/conversation/browser-conversations.ts'
import { createChatApi } from '../features/chat/conversation/chat-api.ts'
import { createChatController } from '../features/chat/conversation/chat-controller.ts'
import { startRateSampling } from '../features/throughput/rate-store.ts'
import { startClusterFeed } from '../store/cluster-feed.ts'
import { keepDrafts } from '../store/draft-store.ts'
import { keepHubRate } from '../features/models/downloads/keep-hub-rate.ts'
import { keepSettings, useSettingsStore } from '../store/settings-store.ts'
import { startToasts } from '../store/toast-store.ts'
import { language } from '../ui/language.ts'
import { App } from './App.tsx'
import { addressOf } from './routes.ts'
import { ViewBoundary } from './ViewBoundary.tsx'
import './theme.css'
import './layout.css'
import '../ui/ui.css'
import '../features/features.css'
import 'uplot/dist/uPlot.min.css'

// The page's content security policy forbids eval, which zod would otherwise use.
z.config({ jitless: true })
setNonce(document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '')

const host = browserHost()
// The app's windows have no title bar on a Mac.
document.documentElement.dataset.hasTitleBar = String(host.shell === null || !/mac/i.test(navigator.platform))
keepSettings(host.keyValueStore)
// The code that a phone scans leads here with a token. It must not stay in the address, which may be shared.
const given = tokenInAddress(location.hash)
if (given !== null) {
  useSettingsStore.setState({ apiToken: given })
  history.replaceState(null, '', addressOf('chat'))
}
const saveDrafts = keepDrafts(host.keyValueStore)
addEventListener('pagehide', saveDrafts)
const token = (): string | null => useSettingsStore.getState().apiToken
const api = createApiClient({ apiUrl: host.apiUrl, token, fetch: (...request) => fetch(...request) })
const chat = createChatController({
  api: createChatApi(api),
  browserConversations: openBrowserConversations(globalThis.indexedDB),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})
const isRefused = (): Promise<boolean> =>
  api.get('/node_id', z.unknown()).then(
    () => false,
    (error: unknown) => error instanceof AppError && error.details.status === 401,
  )
const feed = startClusterFeed({ apiUrl: host.apiUrl, token, isRefused, onChats: () => void chat.refresh() })
addEventListener('online', () => feed.retryNow())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') feed.retryNow()
})
useSettingsStore.subscribe((settings, previous) => {
  if (settings.apiToken !== previous.apiToken) feed.retryNow()
})
startRateSampling()
keepHubRate(() => performance.now())
startToasts((callback, delayMs) => setTimeout(callback, delayMs))

const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root.')
// Only a German page loads the German texts of errors.
if (language === 'de') translateErrors((await import('../client/german-error-translation.ts')).germanErrorTranslation)
createRoot(root).render(
  <StrictMode>
    <ViewBoundary>
      <ServicesProvider value={{ host, api, chat, retryConnection: () => feed.retryNow() }}>
        <ApiProvider value={api}>
          <App />
        </ApiProvider>
      </ServicesProvider>
    </ViewBoundary>
  </StrictMode>,
)
