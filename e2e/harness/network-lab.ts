import { execFileSync, spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { formatFaultRules } from './lab-faults.ts'
import { runCommand } from './run-command.ts'

export type LabProcess = ChildProcessByStdio<Writable, Readable, Readable>

let labCount = 0

/**
 * Machines on one switch, each a Linux network namespace with its own addresses, name and data folder. Needs root, iproute2,
 * nftables and, for delays, python3. Does not touch the machine's own network. Hosts are numbered from 1.
 *
 * Host i has eth0 with 10.77.0.i/24, fd77::i/64 and a link-local address, and a default route that leads nowhere.
 */
export class NetworkLab {
  readonly #name = `exo${process.pid}-${(labCount += 1)}`
  readonly #folder = mkdtempSync(join(tmpdir(), 'exo-lab-'))
  readonly #hosts = new Set<number>()
  readonly #relays = new Map<number, ChildProcess>()
  #cuts: [number, number][] = []
  readonly #lossRatios = new Map<number, number>()
  #largestBytes: number | null = null
  #narrow: [number, number, number][] = []
  #isMulticastBlocked = false
  #isBroadcastBlocked = false
  readonly #destroyOnExit = (): void => this.#destroy()

  static async create(hostCount: number): Promise<NetworkLab> {
    if (process.getuid?.() !== 0) throw new Error('The network lab creates network namespaces: run these tests as root.')
    removeAbandonedLabs()
    const lab = new NetworkLab()
    process.once('exit', lab.#destroyOnExit)
    try {
      await lab.#addSwitch()
      for (let host = 1; host <= hostCount; host += 1) await lab.#addHost(host)
    } catch (error) {
      await lab.close()
      throw error
    }
    return lab
  }

  address(host: number): string {
    return `10.77.0.${host}`
  }

  /** Survives restarts of the host's processes and is deleted with the lab. */
  dataDir(host: number): string {
    return join(this.#folder, `host${host}`)
  }

  /** Starts a process on a host. Its pid is that of the command itself. */
  run(host: number, command: string, commandArguments: readonly string[], environment: Readonly<Record<string, string>> = {}): LabProcess {
    const withHostName = ['unshare', '--uts', 'sh', '-c', 'hostname "$1"; shift; exec "$@"', 'sh', `host${host}`]
    return spawn('ip', ['netns', 'exec', this.#namespace(host), ...withHostName, command, ...commandArguments], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
  }

  /** Kills every process on the machine at once. */
  async kill(host: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    for (const pid of await this.#processesOf(this.#namespace(host))) killProcess(pid, signal)
  }

  /** Cuts every pair across the groups, for example `[1, 2], [3]`. Packets are dropped silently. */
  async partition(...groups: readonly (readonly number[])[]): Promise<void> {
    this.#cuts = groups.flatMap((group, index) =>
      groups.flatMap((other, otherIndex) =>
        index === otherIndex ? [] : group.flatMap((from) => other.map((to): [number, number] => [from, to])),
      ),
    )
    await this.#applyFaults()
  }

  /** Drops packets from one host to another; the other direction stays open. */
  async cutOneWay(from: number, to: number): Promise<void> {
    this.#cuts = [...this.#cuts, [from, to]]
    await this.#applyFaults()
  }

  /**
   * Silently drops packets larger than this between the hosts, like a path whose MTU is smaller than announced. Null: none are
   * dropped.
   */
  async dropLarge(bytes: number | null): Promise<void> {
    this.#largestBytes = bytes
    await this.#applyFaults()
  }

  /** Like `dropLarge`, between two hosts only. */
  async dropLargeBetween(first: number, second: number, bytes: number | null): Promise<void> {
    const others = this.#narrow.filter(([from, to]) => !(from === first && to === second) && !(from === second && to === first))
    this.#narrow = bytes === null ? others : [...others, [first, second, bytes], [second, first, bytes]]
    await this.#applyFaults()
  }

  /** Ends every cut. */
  heal(): Promise<void> {
    return this.partition()
  }

  /** Loses this ratio of the packets that the host sends and receives. */
  async lose(host: number, ratio: number): Promise<void> {
    this.#lossRatios.set(host, ratio)
    await this.#applyFaults()
  }

  async blockMulticast(isBlocked = true): Promise<void> {
    this.#isMulticastBlocked = isBlocked
    await this.#applyFaults()
  }

  /** Blocks IPv4 UDP broadcasts only. */
  async blockBroadcast(isBlocked = true): Promise<void> {
    this.#isBroadcastBlocked = isBlocked
    await this.#applyFaults()
  }

  /** Delays everything that the host sends from now on. Cannot be undone. */
  async delay(host: number, delayMs: number): Promise<void> {
    const [hostPort, switchPort, relayPort] = [`p${host}`, `r${host}`, `q${host}`]
    await this.#switchIp('link', 'add', switchPort, 'type', 'veth', 'peer', 'name', relayPort)
    await this.#switchIp('link', 'set', hostPort, 'nomaster')
    // Frames without segmentation and checksums would not survive the relay.
    await this.#sendWholeFrames(this.#namespace(host), 'eth0')
    await this.#sendWholeFrames(this.#switch, switchPort)
    await this.#switchIp('link', 'set', relayPort, 'up')
    await this.#switchIp('link', 'set', switchPort, 'master', 'br0', 'up')
    const relay = spawn(
      'ip',
      ['netns', 'exec', this.#switch, 'python3', join(import.meta.dirname, 'delay_relay.py'), hostPort, relayPort, String(delayMs)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    this.#relays.set(host, relay)
    await new Promise<void>((resolve, reject) => {
      relay.stdout.once('data', () => resolve())
      relay.once('exit', (code) => reject(new Error(`the delay relay ended with ${code}`)))
    })
  }

  /** Unplugs the host's cable, or plugs it in again. */
  async unplug(host: number, isUnplugged = true): Promise<void> {
    await this.#switchIp('link', 'set', `p${host}`, isUnplugged ? 'down' : 'up')
  }

  /** Gives the host another IPv4 address, as a router does when a lease expires. */
  async moveTo(host: number, lastByte: number): Promise<void> {
    await this.#hostIp(host, 'addr', 'flush', 'dev', 'eth0', 'scope', 'global')
    await this.#hostIp(host, 'addr', 'add', `10.77.0.${lastByte}/24`, 'brd', '10.77.0.255', 'dev', 'eth0')
  }

  /** Removes IPv4 from the host. */
  async dropIpv4(host: number): Promise<void> {
    await this.#hostIp(host, '-4', 'addr', 'flush', 'dev', 'eth0')
  }

  /** Removes every address that a router or a person gave: only link-local IPv6 remains. */
  async keepLinkLocal(host: number): Promise<void> {
    await this.#hostIp(host, 'addr', 'flush', 'dev', 'eth0', 'scope', 'global')
  }

  /** Sets the largest packet of the host's interface. The switch passes packets of any size. */
  async setMtu(host: number, bytes: number): Promise<void> {
    await this.#switchIp('link', 'set', `p${host}`, 'mtu', '9000')
    await this.#hostIp(host, 'link', 'set', 'eth0', 'mtu', String(bytes))
  }

  /** Makes every host ask a resolver that never answers. For processes that start from now on. */
  async silenceResolver(atHost: number): Promise<void> {
    const listen = 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 53)); time.sleep(1e6)'
    this.run(atHost, 'python3', ['-c', listen])
    for (const host of this.#hosts) {
      mkdirSync(this.#etc(host), { recursive: true })
      writeFileSync(join(this.#etc(host), 'resolv.conf'), `nameserver ${this.address(atHost)}\n`)
    }
  }

  /** Removes IPv6 from the host. */
  async dropIpv6(host: number): Promise<void> {
    await runCommand('ip', ['netns', 'exec', this.#namespace(host), 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1'])
  }

  /** Connects two hosts by a separate cable: `tb<other>` on each, with 10.78.k.1 and 10.78.k.2. */
  async connect(first: number, second: number): Promise<void> {
    const subnet = `10.78.${first * 16 + second}`
    await this.#hostIp(
      first,
      'link',
      'add',
      `tb${second}`,
      'mtu',
      '9000',
      'type',
      'veth',
      'peer',
      'name',
      `tb${first}`,
      'mtu',
      '9000',
      'netns',
      this.#namespace(second),
    )
    for (const [host, other, address] of [
      [first, second, `${subnet}.1`],
      [second, first, `${subnet}.2`],
    ] as const) {
      await this.#hostIp(host, 'addr', 'add', `${address}/24`, 'brd', `${subnet}.255`, 'dev', `tb${other}`)
      await this.#hostIp(host, 'link', 'set', `tb${other}`, 'up')
    }
  }

  /** Unplugs the cable that `connect` added, or plugs it in again. */
  async unplugCable(first: number, second: number, isUnplugged = true): Promise<void> {
    await this.#hostIp(first, 'link', 'set', `tb${second}`, isUnplugged ? 'down' : 'up')
  }

  async close(): Promise<void> {
    process.off('exit', this.#destroyOnExit)
    this.#destroy()
  }

  get #switch(): string {
    return `${this.#name}-switch`
  }

  #namespace(host: number): string {
    return `${this.#name}-${host}`
  }

  /** `ip netns exec` mounts the files of this folder over those of `/etc`. */
  #etc(host: number): string {
    return join('/etc/netns', this.#namespace(host))
  }

  #switchIp(...commandArguments: string[]): Promise<string> {
    return runCommand('ip', ['-n', this.#switch, ...commandArguments])
  }

  #hostIp(host: number, ...commandArguments: string[]): Promise<string> {
    return runCommand('ip', ['-n', this.#namespace(host), ...commandArguments])
  }

  async #addSwitch(): Promise<void> {
    await runCommand('ip', ['netns', 'add', this.#switch])
    await this.#switchIp('link', 'add', 'br0', 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0')
    await this.#switchIp('link', 'set', 'br0', 'up')
    await this.#applyFaults()
  }

  async #addHost(host: number): Promise<void> {
    const namespace = this.#namespace(host)
    await runCommand('ip', ['netns', 'add', namespace])
    this.#hosts.add(host)
    // Without duplicate address detection, an IPv6 address is usable at once.
    await runCommand('ip', [
      'netns',
      'exec',
      namespace,
      'sysctl',
      '-qw',
      'net.ipv6.conf.all.accept_dad=0',
      'net.ipv6.conf.default.accept_dad=0',
    ])
    await this.#switchIp('link', 'add', `p${host}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    await this.#switchIp('link', 'set', `p${host}`, 'master', 'br0', 'up')
    await this.#hostIp(host, 'link', 'set', 'lo', 'up')
    await this.#hostIp(host, 'link', 'set', 'eth0', 'up')
    await this.#hostIp(host, 'addr', 'add', `${this.address(host)}/24`, 'brd', '10.77.0.255', 'dev', 'eth0')
    await this.#hostIp(host, 'addr', 'add', `fd77::${host.toString(16)}/64`, 'dev', 'eth0', 'nodad')
    await this.#hostIp(host, 'route', 'add', 'default', 'via', '10.77.0.254')
  }

  async #applyFaults(): Promise<void> {
    const faults = {
      cuts: this.#cuts,
      lossRatios: this.#lossRatios,
      largestBytes: this.#largestBytes,
      narrow: this.#narrow,
      isMulticastBlocked: this.#isMulticastBlocked,
      isBroadcastBlocked: this.#isBroadcastBlocked,
    }
    await runCommand('ip', ['netns', 'exec', this.#switch, 'nft', '-f', '-'], formatFaultRules(faults))
  }

  #sendWholeFrames(namespace: string, device: string): Promise<string> {
    return runCommand('ip', ['netns', 'exec', namespace, 'python3', join(import.meta.dirname, 'send_whole_frames.py'), device])
  }

  async #processesOf(namespace: string): Promise<number[]> {
    return (await runCommand('ip', ['netns', 'pids', namespace])).split('\n').filter(Boolean).map(Number)
  }

  /** Synchronous, so that it also runs when the tests are stopped. */
  #destroy(): void {
    for (const namespace of [...[...this.#hosts].map((host) => this.#namespace(host)), this.#switch]) removeNamespace(namespace)
    for (const host of this.#hosts) rmSync(this.#etc(host), { recursive: true, force: true })
    this.#hosts.clear()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Removes the labs of test runs that were killed before they could clean up. */
function removeAbandonedLabs(): void {
  const namespaces = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n')
  for (const line of namespaces) {
    const [namespace, ownerPid] = /^exo(\d+)-\d+-\S+/.exec(line) ?? []
    if (namespace !== undefined && !existsSync(`/proc/${ownerPid}`)) removeNamespace(namespace)
  }
}

function removeNamespace(namespace: string): void {
  try {
    for (const pid of execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' }).split('\n').filter(Boolean))
      killProcess(Number(pid), 'SIGKILL')
    execFileSync('ip', ['netns', 'del', namespace])
  } catch (error) {
    console.error(`the network namespace ${namespace} could not be removed: ${String(error)}`)
  }
}

function killProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
