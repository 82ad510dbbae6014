// Encodes the end of a page of users as an opaque token, which a client sends back for the next page.

/** A position in the list of users, which is sorted by these two. */
export interface Position {
  createdAt: Date
  id: string
}

/** The token for the position after a user. */
export function encodeCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url')
}

/** The position of a token, or undefined if the token is invalid. */
export function decodeCursor(token: string): Position | undefined {
  const match = POSITION.exec(Buffer.from(token, 'base64url').toString())
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { createdAt: new Date(Number(match[1])), id: match[2] }
}

/** Thirteen digits of milliseconds last until 2286, and never exceed the range of a timestamp. */
const POSITION = /^(\d{1,13})\.([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/
