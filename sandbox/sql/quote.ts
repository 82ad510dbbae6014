/** Quotes values for SQL texts. */

/** An identifier in double quotes. */
export const identifier = (name: string | null | undefined): string => `"${(name ?? '').replaceAll('"', '""')}"`

/** A string constant, in the form that does not depend on `standard_conforming_strings`. */
export const literal = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
