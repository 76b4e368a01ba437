/** The addresses of all views of the dashboard. */
export const viewRoutes = [
  'chat',
  'cluster',
  'models',
  'connect',
  'instances',
  'memory',
  'activity',
  'throughput',
  'rdma',
  'history',
  'diagnostics',
  'settings',
]
