/** Shares the rendering of a page among requests whose viewers see the same. */
import type { Response } from 'express'
import type { PageContext } from './page-context.ts'
import { shareWork } from './shared-work.ts'
import { viewerOf } from './viewer.ts'

/** After a change all readers request their page again, at the same time. */
export function sharePages<T>({ current }: Pick<PageContext, 'current'>) {
  const share = shareWork<T>()
  /** @param asked What the page depends on, beside the database, the viewer and what the configuration releases. */
  return (response: Response, asked: unknown, render: () => Promise<T>): Promise<T> =>
    share(JSON.stringify([asked, viewerOf(response), current().configuration.statusPage]), render)
}
