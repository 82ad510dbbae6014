// Where a page of users ends, as an opaque token that a client hands back to get the next.

/** A place in the list of users, which is sorted by these two. */
export interface Position {
  createdAt: Date
  id: string
}

/** The token for the place just after a user. */
export function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url')
}

/** The place that a token stands for, or undefined if it is none of ours. */
export function decodeCursor(token: string): Position | undefined {
  const match = POSITION.exec(Buffer.from(token, 'base64url').toString())
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { createdAt: new Date(Number(match[1])), id: match[2] }
}

/** Thirteen digits of milliseconds last until 2286, and never exceed what a timestamp can hold. */
const POSITION = /^(\d{1,13})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/
