/** All translations, by the expression of the sentence. */
import { browser } from './browser.ts'
import { database } from './database.ts'
import { fields } from './fields.ts'
import { flow } from './flow.ts'
import { mails } from './mails.ts'
import { requests } from './requests.ts'
import { responses } from './responses.ts'
import { saving } from './saving.ts'
import { tabs } from './tabs.ts'
import type { Translation } from './translation.ts'

export const translations: ReadonlyMap<string, Translation> = new Map(
  Object.entries({
    ...requests,
    ...responses,
    ...fields,
    ...flow,
    ...browser,
    ...tabs,
    ...mails,
    ...database,
    ...saving,
  }),
)
