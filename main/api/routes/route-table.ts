/** Records the methods of each path, to distinguish a wrong method from an unknown path. */
export class RouteTable {
  private readonly urls = new Set<string>()
  private readonly routes: { readonly url: string; readonly pattern: RegExp; readonly methods: readonly string[] }[] = []

  add(method: string | string[], url: string): void {
    this.urls.add(url)
    const source = url
      .split('/')
      .map((segment) => (segment === '*' ? '.*' : segment.startsWith(':') ? '[^/]+' : segment.replace(/[.+]/g, '\\$&')))
      .join('/')
    this.routes.push({ url, pattern: new RegExp(`^${source}/?$`), methods: [method].flat() })
  }

  paths(): string[] {
    return [...this.urls]
  }

  /** Whether a route has exactly this path, without parameters. */
  has(path: string): boolean {
    return this.urls.has(path)
  }

  /** An exact route takes precedence over routes with parameters that match it. */
  methodsOf(path: string): string[] {
    const own = this.routes.filter(({ url }) => url === path)
    return [
      ...new Set((own.length > 0 ? own : this.routes).filter((route) => route.pattern.test(path)).flatMap((route) => route.methods)),
    ].sort()
  }
}
