interface CallBegin {
  readonly type: 'call-begin'
}
interface CallArguments {
  readonly type: 'call-arguments'
}
interface CallBroken {
  readonly type: 'call-broken'
  readonly text: string
}
interface Content {
  readonly type: 'content'
  readonly text: string
}

/** Pieces for consumers that accept only complete calls: partial calls are removed, and text that is not a call stays text. */
export function wholeCalls<Piece extends { readonly type: string }>(
  pieces: readonly (Piece | CallBegin | CallArguments | CallBroken)[],
): (Exclude<Piece, CallBegin | CallArguments | CallBroken> | Content)[] {
  return pieces.flatMap((piece): (Exclude<Piece, CallBegin | CallArguments | CallBroken> | Content)[] => {
    if (piece.type === 'call-begin' || piece.type === 'call-arguments') return []
    if (piece.type !== 'call-broken') return [piece as Exclude<Piece, CallBegin | CallArguments | CallBroken>]
    const { text } = piece as CallBroken
    return text === '' ? [] : [{ type: 'content', text }]
  })
}
