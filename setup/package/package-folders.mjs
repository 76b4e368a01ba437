/**
 * The folders of the npm packages that modules belong to, sorted, each once.
 *
 * @param {Iterable<string>} modulePaths - with slashes; modules of the project itself are skipped
 * @returns {string[]} such as `node_modules/zod`, or `node_modules/a/node_modules/b` for a nested package
 */
export function packageFolders(modulePaths) {
  const folders = new Set()
  for (const path of modulePaths) {
    const [, folder] = /(?:^|[/\0])(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
    if (folder) folders.add(folder)
  }
  return [...folders].sort()
}
