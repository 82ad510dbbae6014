/** The built-in sentences, grouped as the vocabulary lists them. */
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { bodies } from './bodies.ts'
import { actions } from './browser/actions.ts'
import { browserCookies } from './browser/cookies.ts'
import { elements } from './browser/elements.ts'
import { files } from './browser/files.ts'
import { looks } from './browser/looks.ts'
import { page } from './browser/page.ts'
import { tabs } from './browser/tabs.ts'
import { clock } from './clock.ts'
import { cookies } from './cookies.ts'
import { database } from './database.ts'
import { fields } from './fields.ts'
import { flow } from './flow.ts'
import { lists } from './lists.ts'
import { mails } from './mail.ts'
import { requests } from './requests.ts'
import { responses } from './responses.ts'
import { saving } from './saving.ts'
import { signingIn } from './signing-in.ts'
import { types } from './types.ts'

export const families: readonly { name: string; sentences: readonly SentenceDefinition[] }[] = [
  { name: 'Requests', sentences: requests },
  { name: 'Signing in', sentences: signingIn },
  { name: 'Responses', sentences: responses },
  { name: 'Bodies', sentences: bodies },
  { name: 'Cookies', sentences: cookies },
  { name: 'Fields', sentences: fields },
  { name: 'Types and dates', sentences: types },
  { name: 'Lists', sentences: lists },
  { name: 'Saving', sentences: saving },
  { name: 'Flow', sentences: flow },
  { name: 'Clock', sentences: clock },
  { name: 'Actions on pages', sentences: actions },
  { name: 'Elements', sentences: elements },
  { name: 'Pages', sentences: [...page, ...browserCookies, ...looks] },
  { name: 'Tabs, frames and dialogs', sentences: tabs },
  { name: 'Uploads and downloads', sentences: files },
  { name: 'Mail', sentences: mails },
  { name: 'Database', sentences: database },
]

export const builtInSentences: readonly SentenceDefinition[] = families.flatMap(({ sentences }) => sentences)
