/** The address of this node's API. Port 0 (any free port) is replaced once the API listens. */
export class ApiAddress {
  readonly host: string
  port: number

  constructor(host: string, port: number) {
    this.host = host
    this.port = port
  }

  /** Without a path: `http://127.0.0.1:8080`. */
  url(): string {
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`
  }
}
