/** Counts how much of each call's arguments a client has received. */
export class SentCalls {
  private readonly characters = new Map<string, number>()

  has(id: string): boolean {
    return this.characters.has(id)
  }

  begin(id: string): void {
    this.characters.set(id, 0)
  }

  add(id: string, text: string): void {
    this.characters.set(id, (this.characters.get(id) ?? 0) + text.length)
  }

  /** The rest of a complete call that the client has not received yet. */
  rest({ id, argumentsJson }: { readonly id: string; readonly argumentsJson: string }): string {
    return argumentsJson.slice(this.characters.get(id) ?? 0)
  }
}
