/** The address of this node's API. Port 0 (any free port) is replaced once the API listens. */
export class ApiAddress {
  readonly host: string
  port: number

  constructor(host: string, port: number) {
    this.host = host
    this.port = port
  }

  /** For programs on this machine, without a path: `http://127.0.0.1:8080`. */
  url(): string {
    const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[this.host] ?? this.host
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`
  }
}
