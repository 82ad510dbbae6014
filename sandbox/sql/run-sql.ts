/** The type of functions that run the sandbox's own statements, on whatever connection. */

/** Runs a text and resolves with its rows as text. Rejects with the server's error. */
export type Run = (sql: string) => Promise<readonly (readonly (string | null)[])[]>
