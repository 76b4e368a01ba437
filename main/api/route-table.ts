/** Remembers which methods each path takes, to tell a wrong method from an unknown path. */
export class RouteTable {
  private readonly urls = new Set<string>()
  private readonly routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []

  add(method: string | string[], url: string): void {
    this.urls.add(url)
    const source = url
      .split('/')
      .map((segment) => (segment === '*' ? '.*' : segment.startsWith(':') ? '[^/]+' : segment.replace(/[.+]/g, '\\$&')))
      .join('/')
    this.routes.push({ pattern: new RegExp(`^${source}/?$`), methods: [method].flat() })
  }

  paths(): string[] {
    return [...this.urls]
  }

  methodsOf(path: string): string[] {
    return [...new Set(this.routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods))].sort()
  }
}
