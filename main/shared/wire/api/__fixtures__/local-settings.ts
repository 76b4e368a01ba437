import type { SettingsAnswer } from '../node-settings.ts'

/** The settings of a node that is not on the network. */
export const localSettings: SettingsAnswer = {
  chosen: { port: null, peerPort: null, maxMemoryBytes: null, modelCacheDir: null, isOnNetwork: null },
  hasHubToken: false,
  inUse: {
    port: 8080,
    peerPort: 7000,
    maxMemoryBytes: null,
    modelCacheDir: '/models',
    dataDir: '/data',
    isOnNetwork: false,
    networkUrls: [],
  },
}
