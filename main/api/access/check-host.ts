import { ApiError } from '../api-error.ts'
import { isLoopbackHost } from '../../shared/is-loopback-host.ts'

export interface HostRule {
  /** The host that the API listens on; null before it listens. */
  readonly listenHost: string | null
  /** The name of this machine, as reported by the system. */
  readonly machineName: string
  /** Additional host names that the node accepts. */
  readonly allowedHosts?: readonly string[]
}

/**
 * Guards against DNS rebinding, in which the Host header of an attacker's page holds a name that the attacker made
 * resolve to this machine. An API on loopback accepts only names of this machine. An API on another address also
 * accepts any IP address, because a page cannot take over an address.
 *
 * @throws ApiError 403
 */
export function checkHost(authority: string | undefined, { listenHost, machineName, allowedHosts = [] }: HostRule): void {
  if (listenHost === null) return
  const name = hostName(authority ?? '')
  if (
    name === '' ||
    name === listenHost.toLowerCase() ||
    isOwnName(name, machineName) ||
    allowedHosts.some((host) => host.toLowerCase() === name)
  )
    return
  if (!isLoopbackHost(listenHost) && isAddress(name)) return
  throw new ApiError(
    403,
    'host_not_allowed',
    `This node does not accept the host name '${name}'. Use its address, ${ownLocalName(machineName)} or ` +
      `localhost, or start exo with --allow-host ${name}.`,
  )
}

/**
 * Whether the network decides which machine the name of an authority means: a container's name for its host, or this machine's own name.
 * A hostile network can give such a name to its own page first and to this machine later.
 */
export function isNamedByNetwork(authority: string | undefined): boolean {
  const name = hostName(authority ?? '')
  const isFixed = name === '' || isLoopbackHost(name) || name.endsWith('.localhost')
  return !isFixed && !isAddress(name) && name !== '[::]'
}

/** The host of an authority, without its port. Other notations of a local address are converted: `127.1` is `127.0.0.1`. */
function hostName(authority: string): string {
  const name = authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
  const url = `http://${name}`
  const address = /^[\d.]+$/.test(name) && URL.canParse(url) ? new URL(url).hostname : name
  return isLocalName(address) ? address : name
}

/** Names that no page can make resolve to this machine: its own names, including those used in containers. */
function isOwnName(name: string, machineName: string): boolean {
  if (isLocalName(name)) return true
  return name === machineName.toLowerCase() || name === ownLocalName(machineName) || name === firstLabel(machineName)
}

/**
 * Whether a name always means the machine on which it is used. `.internal` is reserved for private networks, and these are the names
 * that container engines and virtual machines have for their host.
 */
export function isLocalName(name: string): boolean {
  const isAny = name === '0.0.0.0' || name === '[::]' || /^\[::ffff:(127\.|7f)/.test(name)
  return isLoopbackHost(name) || name.endsWith('.localhost') || isAny || /^(host|gateway|kubernetes)\.[\w-]+\.internal$/.test(name)
}

const firstLabel = (machineName: string): string => machineName.toLowerCase().split('.', 1)[0] ?? ''
const ownLocalName = (machineName: string): string => `${machineName.toLowerCase().replace(/\.local$/, '')}.local`

function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[\da-f:.]+(%25[\w.-]+)?\]$/.test(name)
}
