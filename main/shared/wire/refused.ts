/** Of a schema: what it lets through is refused later, by name or for want of what it points at, and no part of the documentation. */
export const REFUSED = { 'x-refused': true } as const
