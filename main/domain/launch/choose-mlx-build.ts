/** The folders of a package's engine: one for each build of MLX. */
export type MlxBuild = 'macos14-arm64' | 'macos26-arm64' | 'linux-x64' | 'linux-arm64'

/** macOS 26.2, the first version whose RDMA over Thunderbolt MLX's newer build can use. */
const FIRST_DARWIN_OF_NEWER_BUILD = [25, 2] as const

/**
 * The packaged engine that this machine loads.
 *
 * @param release - from `os.release()`: on macOS the kernel's version, `25.2.0`
 */
export function chooseMlxBuild({
  platform,
  arch,
  release,
}: {
  readonly platform: string
  readonly arch: string
  readonly release: string
}): MlxBuild {
  if (platform !== 'darwin') return arch === 'arm64' ? 'linux-arm64' : 'linux-x64'
  const [major = 0, minor = 0] = release.split('.').map(Number)
  const [firstMajor, firstMinor] = FIRST_DARWIN_OF_NEWER_BUILD
  return major > firstMajor || (major === firstMajor && minor >= firstMinor) ? 'macos26-arm64' : 'macos14-arm64'
}
