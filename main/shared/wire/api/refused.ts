/** Of a schema: what it lets through is refused later, by name or where it stands alone, and is no part of the documentation. */
export const REFUSED = { 'x-refused': true } as const
