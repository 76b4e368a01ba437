export const navigationStrings = { label: 'Views', cluster: 'All machines', node: 'This machine' }

export const connectionStrings = {
  connecting: 'Connecting…',
  live: 'Connected',
  lost: 'Disconnected',
  refused: 'API token required',
  connectingBanner: 'Connecting to exo…',
  lostBanner: 'Lost connection to exo. Showing the last known state; reconnecting…',
  refusedBanner: 'Enter the API token to continue.',
  retryNow: 'Reconnect now',
  enterToken: 'Enter token',
}

export const crashStrings = {
  title: 'Something went wrong in this view',
  body: 'The rest of exo keeps running.',
  reload: 'Reload view',
}
