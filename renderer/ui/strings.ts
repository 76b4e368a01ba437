import { inLanguage, textsByName } from './language.ts'
import { plural } from './plural.ts'

/** Strings that several views share. Each feature keeps its own strings beside its views. */
export const strings = inLanguage(
  {
    product: 'exo',
    /** By Node's name for the platform; an unknown platform keeps that name. */
    systems: textsByName({ darwin: 'macOS', linux: 'Linux' }),

    common: {
      cancel: 'Cancel',
      save: 'Save',
      close: 'Close',
      copied: 'Copied',
      failed: 'Failed',
      retry: 'Try again',
      loading: 'Loading…',
      none: '–',
      used: (used: string, total: string) => `${used} of ${total} used`,
      of: 'of',
      thisMachine: 'this machine',
      leader: 'leader',
      skipToContent: 'Skip to content',
      goToModels: 'Go to Models',
      machines: (count: number) => plural(count, { one: '# machine', other: '# machines' }),
    },
    routes: {
      chat: 'Chat',
      activity: 'Activity',
      cluster: 'Cluster',
      models: 'Models',
      connect: 'Connect',
      instances: 'Loaded models',
      memory: 'Memory',
      throughput: 'Throughput',
      rdma: 'RDMA matrix',
      history: 'History',
      diagnostics: 'Doctor',
      settings: 'Settings',
    },
    /** The names of views as tabs, where the name of the place would say too much. */
    tabs: textsByName({ cluster: 'Machines', activity: 'Log', settings: 'General' }),
  },
  {
    product: 'exo',
    systems: { darwin: 'macOS', linux: 'Linux' },

    common: {
      cancel: 'Abbrechen',
      save: 'Sichern',
      close: 'Schließen',
      copied: 'Kopiert',
      failed: 'Fehlgeschlagen',
      retry: 'Erneut versuchen',
      loading: 'Lädt …',
      none: '–',
      used: (used: string, total: string) => `${used} von ${total} belegt`,
      of: 'von',
      thisMachine: 'dieser Rechner',
      leader: 'Leiter',
      skipToContent: 'Zum Inhalt springen',
      goToModels: 'Zu den Modellen',
      machines: (count: number) => plural(count, { one: '# Rechner', other: '# Rechner' }),
    },
    routes: {
      chat: 'Chat',
      activity: 'Aktivität',
      cluster: 'Cluster',
      models: 'Modelle',
      connect: 'Verbinden',
      instances: 'Geladene Modelle',
      memory: 'Arbeitsspeicher',
      throughput: 'Durchsatz',
      rdma: 'RDMA-Matrix',
      history: 'Verlauf',
      diagnostics: 'Diagnose',
      settings: 'Einstellungen',
    },
    tabs: { cluster: 'Rechner', activity: 'Protokoll', settings: 'Allgemein' },
  },
)
