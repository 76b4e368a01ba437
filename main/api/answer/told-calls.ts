/** How much of the arguments of each call a client has been told. */
export class ToldCalls {
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

  /** What is still to be told of a call that is whole now. */
  rest({ id, argumentsJson }: { readonly id: string; readonly argumentsJson: string }): string {
    return argumentsJson.slice(this.characters.get(id) ?? 0)
  }
}
