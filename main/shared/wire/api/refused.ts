/** Marks a schema whose values are refused later with a better message; the API reference omits it. */
export const REFUSED = { 'x-refused': true } as const
