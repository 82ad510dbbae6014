/** How statements of the sandbox's own are run: on a connection of their own, or under a session's guard. */

/** Runs a text and returns its rows as text. Rejects with what the server says against it. */
export type Run = (sql: string) => Promise<readonly (readonly (string | null)[])[]>
