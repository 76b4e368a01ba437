/** How this program was installed, and so how it is updated. */
export type Installation =
  /** `install.sh`: versions lie side by side in `versionsDir`, and the link `current` names the one in use. */
  | { readonly kind: 'archive'; readonly versionsDir: string }
  | { readonly kind: 'system-package' | 'homebrew' | 'npm' | 'wheel' | 'image' | 'app' | 'checkout' }

/**
 * @param folder - the program's own folder, without links
 * @param isPackaged - false: a checkout
 */
export function installationOf(folder: string, isPackaged: boolean): Installation {
  if (folder.endsWith('.asar')) return { kind: 'app' }
  if (!isPackaged) return { kind: 'checkout' }
  const archive = /^(.*\/lib\/exo-distributed)\/exo-[^/]+$/.exec(folder)
  if (archive?.[1] !== undefined) return { kind: 'archive', versionsDir: archive[1] }
  if (folder === '/usr/lib/exo-distributed') return { kind: 'system-package' }
  if (folder === '/opt/exo') return { kind: 'image' }
  if (/\/Cellar\/exo-distributed\//.test(folder)) return { kind: 'homebrew' }
  if (/\/node_modules\/exo-distributed-[^/]+$/.test(folder)) return { kind: 'npm' }
  if (/\/exo_distributed\/program$/.test(folder)) return { kind: 'wheel' }
  return { kind: 'checkout' }
}

/** The same place by a path that the next version keeps; what is written into a service must outlive an update. */
export function lastingPath(path: string): string {
  return path
    .replace(/\/lib\/exo-distributed\/exo-[^/]+\//, '/lib/exo-distributed/current/')
    .replace(/\/Cellar\/exo-distributed\/[^/]+\//, '/opt/exo-distributed/')
}

/** What a person does to update an installation that another program manages. */
export function updateAdvice(kind: Exclude<Installation['kind'], 'archive'>): string {
  switch (kind) {
    case 'system-package':
      return 'Download the new package and install it: sudo apt install ./exo-node_VERSION_ARCH.deb, or sudo dnf install with the .rpm.'
    case 'homebrew':
      return 'Update it with: brew upgrade exo-distributed'
    case 'npm':
      return 'Update it with: npm install -g exo-distributed@latest'
    case 'wheel':
      return 'Update it with: pip install --upgrade exo-distributed'
    case 'image':
      return 'Pull the newer image and start a container from it.'
    case 'app':
      return 'The app updates itself: see its menu.'
    case 'checkout':
      return 'Update the checkout with: git pull'
  }
}
