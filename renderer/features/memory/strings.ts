export const memoryStrings = {
  body: 'Memory use by machine.',
  other: 'System and apps',
  weights: 'Models',
  kvCache: 'KV cache',
  free: 'Free',
  pressure: { tight: 'Tight', critical: 'Critical' },
  total: 'All machines',
}
