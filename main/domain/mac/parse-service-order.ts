export interface NetworkService {
  readonly serviceName: string
  readonly portName: string
  /** Empty for a service without a device. */
  readonly device: string
  readonly isEnabled: boolean
}

/**
 * Reads `networksetup -listnetworkserviceorder`: pairs of lines, `(1) Name`, or `(*) Name` if disabled, then `(Hardware
 * Port: …, Device: …)`, in any language.
 *
 * @returns null if it lists no service at all
 */
export function parseServiceOrder(text: string): NetworkService[] | null {
  const services: NetworkService[] = []
  let named: { serviceName: string; isEnabled: boolean } | null = null
  for (const line of text.split(/\r?\n/)) {
    const port = /^\s*[(（][^:：()]+[:：]\s*(.*?)[,，、]\s*[^:：,，、()]+[:：]\s*([^,，、]*?)\s*[)）]\s*$/.exec(line)
    if (port && named) {
      services.push({ ...named, portName: port[1] ?? '', device: port[2] ?? '' })
      named = null
      continue
    }
    const name = /^\s*\((\d+|\*)\)\s+(.+?)\s*$/.exec(line)
    if (name) named = { serviceName: name[2] ?? '', isEnabled: name[1] !== '*' }
  }
  return services.length === 0 ? null : services
}
