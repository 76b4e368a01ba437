/** Addresses of this machine alone, and those that a cable gives itself. */
const LOCAL = /^(127\.|::1|fe80:|169\.254\.)/i

/** RDMA devices and addresses of the network, and apart from them what is shown on demand. */
export function sortPaths(paths: readonly string[]): { readonly main: readonly string[]; readonly more: readonly string[] } {
  const main = paths.filter((path) => !LOCAL.test(path))
  return main.length > 0 ? { main, more: paths.filter((path) => LOCAL.test(path)) } : { main: paths.slice(0, 1), more: paths.slice(1) }
}
