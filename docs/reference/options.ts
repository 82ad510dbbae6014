/** What the reference says of the options and fixtures of a spec beside their types and doc comments. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { membersOf } from './doc-comments.ts'
import { type Field, listOf, sentenceOf } from './schema-lists.ts'
import type { Setting } from './settings.ts'

interface Group {
  heading: string
  declared: [file: string, type: string]
  /** Members that are explained elsewhere. */
  except?: string[]
  settings: Readonly<Record<string, Setting>>
}

/** The types that a spec's `test.use()` and `use` in Playwright's config take. */
export const optionGroups: readonly Group[] = [
  {
    heading: 'Options of a test',
    declared: ['fixtures/fixture-types.ts', 'Options'],
    settings: {
      isolation: { default: "'transaction'", example: "'database'" },
      sequences: { default: "'continue'", example: "'restore'" },
      evidence: { default: "'retain-on-failure'", example: "{ mode: 'on', bodies: 0 }" },
    },
  },
  {
    heading: '`evidence`: an object',
    declared: ['fixtures/evidence/options.ts', 'EvidenceOptions'],
    settings: {
      mode: { default: "'retain-on-failure'", example: "'on-first-retry'" },
      attachmentBytes: { default: '1_000_000', example: '5_000_000' },
      bodies: { default: '16_384', example: '0' },
      rows: { default: '50', example: '200' },
      repetitions: { default: '5', example: '20' },
    },
  },
  {
    heading: 'Options of a worker',
    declared: ['fixtures/fixture-types.ts', 'WorkerOptions'],
    settings: {
      app: { example: "{ command: 'python3 service.py', readyUrl: 'http://127.0.0.1:$PORT/' }" },
      migrations: { example: "'migrations'" },
      referenceData: { example: "'reference-data.sql'" },
      clock: { default: "'frozen'", example: "'moving'" },
      browserMissing: { example: "'This machine has no browser.'" },
    },
  },
  {
    heading: '`app`: a command',
    declared: ['fixtures/app.ts', 'AppCommand'],
    settings: {
      command: { example: "'python3 service.py'" },
      readyUrl: { example: "'http://127.0.0.1:$PORT/health'" },
      env: { default: '{}', example: "{ PYTHONUNBUFFERED: '1' }" },
      cwd: { example: "'services/shop'" },
      timeout: { default: '60000', example: '120000' },
    },
  },
  {
    heading: '`migrations` and `referenceData`: a command',
    declared: ['postgres/templates/command-content.ts', 'TemplateCommand'],
    settings: {
      command: { example: "'npx prisma migrate deploy'" },
      files: { example: "['prisma']" },
      env: { default: '{}', example: "{ RAILS_ENV: 'test' }" },
      cwd: { example: "'services/shop'" },
      timeout: { default: '120000', example: '300000' },
    },
  },
  {
    heading: '`target`: beside the settings of an environment',
    declared: ['environment/environment.ts', 'TargetOptions'],
    // The monitor sets these itself.
    except: ['replays', 'ledgerSocket'],
    settings: {
      name: { example: "'staging'" },
      ledgerFolder: { example: "'.reprise/ledger'" },
    },
  },
]

/** Types whose values are worth more than their name. */
const aliases = new Map(
  ['fixtures/worker-environment.ts', 'postgres/templates/template-functions.ts'].flatMap(file => {
    const text = readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8')
    return [...text.matchAll(/^export type (\w+) = ('.*)$/gm)].map(
      ([, name = '', values = '']) => [name, values] as const,
    )
  }),
)

/** The options of a group, in the order of the type. */
export function optionsOf({ declared: [file, type], except = [], settings }: Group): Omit<Field, 'schema'>[] {
  const members = [...membersOf(file, type)].filter(([name]) => !except.includes(name))
  return members.map(([name, member]) => {
    const setting = settings[name]
    return {
      path: name,
      isRequired: !member.isOptional && !member.type.includes('undefined') && setting?.default === undefined,
      type: `\`${aliases.get(member.type) ?? member.type.replace(' | undefined', '')}\``,
      meaning: sentenceOf(member.comment),
      ...(setting ?? { example: '' }),
    }
  })
}

export function optionLists(): string {
  return optionGroups.map(group => `### ${group.heading}\n\n${listOf(optionsOf(group), '')}`).join('\n\n')
}
