/** Names a few of many checks. */

const most = 5

/** `users, orders and 3 more`: at most six. */
export function firstNames(checks: readonly { name: string }[]): string {
  const names = checks.map(({ name }) => name)
  return names.length <= most + 1
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
