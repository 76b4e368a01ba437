import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DESCRIPTION = 'Large language models on all your machines as one'

/** Homebrew's names for the systems of archives. */
const SYSTEMS = [
  { target: 'darwin-arm64', os: 'macos', cpu: 'arm' },
  { target: 'linux-arm64', os: 'linux', cpu: 'arm' },
  { target: 'linux-x64', os: 'linux', cpu: 'intel' },
]

/**
 * @typedef {object} Release
 * @property {string} version
 * @property {string} homepage
 * @property {string} url - the folder of the release's files, without a slash at the end
 */

/** Where a release is published: EXO_RELEASE_URL, or the releases of the repository that builds it. */
export function releaseOf(/** @type {string} */ version, /** @type {Readonly<Record<string, string | undefined>>} */ environment) {
  const repository = environment.GITHUB_REPOSITORY
  const homepage = repository ? `https://github.com/${repository}` : 'https://exo-distributed.invalid'
  return { version, homepage, url: (environment.EXO_RELEASE_URL ?? `${homepage}/releases/download/v${version}`).replace(/\/+$/, '') }
}

/**
 * Writes a formula for the archives in a folder and a cask for the app's disk image, for those that are there.
 *
 * @param {string} folder
 * @param {Release} release
 * @returns {string[]} the files, relative to the folder
 */
export function writeHomebrew(folder, release) {
  const names = readdirSync(folder)
  const archives = SYSTEMS.flatMap(({ target, os, cpu }) => {
    const name = `exo-${release.version}-${target}.tar.gz`
    return names.includes(name) ? [{ name, os, cpu, sha256: hashOf(join(folder, name)) }] : []
  })
  const image = names.find((name) => name.endsWith('.dmg'))
  const files = [
    ...(archives.length > 0 ? [{ path: ['Formula', 'exo-distributed.rb'], text: formulaOf(release, archives) }] : []),
    ...(image ? [{ path: ['Casks', 'exo-distributed.rb'], text: caskOf(release, image, hashOf(join(folder, image))) }] : []),
  ]
  for (const { path, text } of files) {
    mkdirSync(join(folder, 'homebrew', path[0] ?? ''), { recursive: true })
    writeFileSync(join(folder, 'homebrew', ...path), text)
  }
  return files.map(({ path }) => join('homebrew', ...path))
}

/** @param {Release} release @param {readonly { name: string, os: string, cpu: string, sha256: string }[]} archives */
function formulaOf({ version, homepage, url }, archives) {
  const systems = [...new Set(archives.map(({ os }) => os))].map((os) => {
    const ofSystem = archives.filter((archive) => archive.os === os)
    const each = ofSystem.map(
      ({ name, cpu, sha256 }) => `    on_${cpu} do\n      url "${url}/${name}"\n      sha256 "${sha256}"\n    end\n`,
    )
    return `  on_${os} do\n${each.join('')}  end\n`
  })
  return `class ExoDistributed < Formula
  desc "${DESCRIPTION}"
  homepage "${homepage}"
  version "${version}"
  license "Apache-2.0"

${systems.join('\n')}
  def install
    libexec.install Dir["*"]
    bin.install_symlink libexec/"bin/exo"
    man1.install_symlink Dir[libexec/"share/man/man1/*"]
    bash_completion.install_symlink libexec/"share/bash-completion/completions/exo"
    zsh_completion.install_symlink libexec/"share/zsh/site-functions/_exo"
    fish_completion.install_symlink libexec/"share/fish/vendor_completions.d/exo.fish"
  end

  service do
    run [opt_bin/"exo", "--log-file", var/"log/exo.log"]
    keep_alive crashed: true
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/exo --version")
  end
end
`
}

/** @param {Release} release @param {string} image @param {string} sha256 */
function caskOf({ version, homepage, url }, image, sha256) {
  return `cask "exo-distributed" do
  version "${version}"
  sha256 "${sha256}"

  url "${url}/${image}"
  name "exo"
  desc "${DESCRIPTION}"
  homepage "${homepage}"

  depends_on arch: :arm64
  depends_on macos: ">= :sonoma"

  app "exo.app"

  zap trash: [
    "~/.exo",
    "~/Library/Application Support/exo",
  ]
end
`
}

/** @param {string} file */
function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
