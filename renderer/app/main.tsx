import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'
import { createApiClient } from '../client/api-client.ts'
import { browserHost } from '../client/browser-host.ts'
import { ApiProvider, ServicesProvider } from '../services/services.ts'
import { streamChat } from '../client/stream-chat.ts'
import { streamTrifurcated } from '../client/stream-trifurcated.ts'
import { createChatController } from '../features/chat/conversation/chat-controller.ts'
import { indexedDbStorage } from '../features/chat/conversation/conversation-storage.ts'
import { startRateSampling } from '../features/throughput/rate-store.ts'
import { startClusterFeed } from '../store/cluster-feed.ts'
import { keepSettings, useSettingsStore } from '../store/settings-store.ts'
import { App } from './App.tsx'
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
keepSettings(host.keyValueStore)
const token = (): string | null => useSettingsStore.getState().apiToken
const api = createApiClient({ apiUrl: host.apiUrl, token, fetch: (...request) => fetch(...request) })
const newId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
const chat = createChatController({
  stream: (request, signal) => streamChat(api, request, signal),
  streamThreeWays: (request, signal) => streamTrifurcated(api, request, signal),
  storage: indexedDbStorage(indexedDB),
  now: () => Date.now(),
  newId,
})
const isRefused = (): Promise<boolean> =>
  api.get('/node_id', z.unknown()).then(
    () => false,
    (error: unknown) => error instanceof AppError && error.details.status === 401,
  )
const feed = startClusterFeed({ apiUrl: host.apiUrl, token, isRefused })
addEventListener('online', () => feed.retryNow())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') feed.retryNow()
})
useSettingsStore.subscribe((settings, previous) => {
  if (settings.apiToken !== previous.apiToken) feed.retryNow()
})
void chat.load()
startRateSampling()

const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root.')
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
