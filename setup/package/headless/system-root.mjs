import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where a package of the system puts the program. */
const PLACE = '/usr/lib/exo-distributed'
/** Links from the system's folders into the program's. */
const LINKS = [
  ['usr/bin/exo', `${PLACE}/bin/exo`],
  ['usr/share/man/man1/exo.1', `${PLACE}/share/man/man1/exo.1`],
  ['usr/share/bash-completion/completions/exo', `${PLACE}/share/bash-completion/completions/exo`],
  ['usr/share/zsh/vendor-completions/_exo', `${PLACE}/share/zsh/site-functions/_exo`],
  ['usr/share/fish/vendor_completions.d/exo.fish', `${PLACE}/share/fish/vendor_completions.d/exo.fish`],
]

/**
 * Lays out a staged program as a package of the system installs it.
 *
 * @param {string} staged
 * @param {string} root - an empty folder, which stands for `/`
 */
export function layOutSystemRoot(staged, root) {
  cpSync(staged, join(root, PLACE), { recursive: true, verbatimSymlinks: true })
  for (const [link = '', target = ''] of LINKS) {
    mkdirSync(dirname(join(root, link)), { recursive: true })
    symlinkSync(target, join(root, link))
  }
}
