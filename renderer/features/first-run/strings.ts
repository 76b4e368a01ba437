import { inLanguage } from '../../ui/language.ts'
export const introductionStrings = inLanguage(
  {
    title: 'Welcome to exo',
    steps: {
      machine: { title: 'Start chatting', body: 'exo includes a small model that runs on this machine. Nothing you type leaves it.' },
      add: {
        title: 'Add machines',
        body: 'Open exo on another machine on the same network. It appears under Cluster; click Join to pool their memory.',
      },
      model: { title: 'Run a bigger model', body: 'Models lists what fits on your machines, the best first.' },
      tool: { title: 'Connect your tools', body: 'Claude Code, Codex and others work with exo. Any OpenAI app can use this address:' },
    },
    thisMachine: (name: string, chip: string, memory: string) => `${name}: ${chip}, ${memory} of memory.`,
    addMachine: 'Add a machine',
    chooseModel: 'Choose a model',
    connectTool: 'Connect a tool',
    apiAddress: 'API address',
    copyAddress: 'Copy API address',
    start: 'Start chatting',
  },
  {
    title: 'Willkommen bei exo',
    steps: {
      machine: {
        title: 'Chat beginnen',
        body: 'exo enthält ein kleines Modell, das auf diesem Rechner läuft. Kein Text verlässt ihn.',
      },
      add: {
        title: 'Rechner hinzufügen',
        body: 'exo auf einem weiteren Rechner im selben Netz öffnen. Er erscheint unter Cluster; „Beitreten“ legt den Speicher zusammen.',
      },
      model: { title: 'Ein größeres Modell nutzen', body: 'Unter Modelle steht, was auf diese Rechner passt, das Beste zuerst.' },
      tool: {
        title: 'Werkzeuge verbinden',
        body: 'Claude Code, Codex und andere arbeiten mit exo. Jede OpenAI-App kann diese Adresse nutzen:',
      },
    },
    thisMachine: (name: string, chip: string, memory: string) => `${name}: ${chip}, ${memory} Arbeitsspeicher.`,
    addMachine: 'Rechner hinzufügen',
    chooseModel: 'Modell auswählen',
    connectTool: 'Werkzeug verbinden',
    apiAddress: 'API-Adresse',
    copyAddress: 'API-Adresse kopieren',
    start: 'Chat beginnen',
  },
)
