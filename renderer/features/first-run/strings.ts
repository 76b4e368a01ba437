export const introductionStrings = {
  title: 'Welcome to exo',
  steps: [
    { title: 'Start chatting', body: 'exo includes a small model that runs on this machine. Nothing you type leaves it.' },
    {
      title: 'Add machines',
      body: 'Open exo on another machine on the same network. It appears under Cluster; click Join to pool their memory.',
    },
    { title: 'Run a bigger model', body: 'Pick one under Models. Other apps can use it at the address below.' },
  ],
  apiAddress: 'API address',
  copyAddress: 'Copy API address',
  start: 'Start chatting',
}
