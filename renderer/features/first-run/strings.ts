export const introductionStrings = {
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
}
