/** The built-in sentences, grouped as the vocabulary lists them. */
import type { SentenceDefinition } from '../compile/sentence-definition.ts'
import { browser } from './browser.ts'
import { database } from './database.ts'
import { fields } from './fields.ts'
import { flow } from './flow.ts'
import { requests } from './requests.ts'
import { responses } from './responses.ts'

export const families: readonly { name: string; sentences: readonly SentenceDefinition[] }[] = [
  { name: 'Requests', sentences: requests },
  { name: 'Responses', sentences: responses },
  { name: 'Fields', sentences: fields },
  { name: 'Flow', sentences: flow },
  { name: 'Browser', sentences: browser },
  { name: 'Database', sentences: database },
]

export const builtInSentences: readonly SentenceDefinition[] = families.flatMap(({ sentences }) => sentences)
