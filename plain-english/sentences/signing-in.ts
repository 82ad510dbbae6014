/** Sentences that sign in: with a login of the file, a state that a test in TypeScript has stored, or a password. */
import path from 'node:path'
import { test } from '@playwright/test'
import type { WorkerOptions } from '../../fixtures/index.ts'
import { readNamedFile } from '../run/files.ts'
import { saveStorageState } from '../run/save-storage-state.ts'
import { pagesOf } from '../run/scenario-pages.ts'
import { signInOnce } from '../run/sign-in-once.ts'
import { readState, restore, storageStateOf } from '../run/sign-in-state.ts'
import { defineSentence, type SentenceFixtures } from './define-sentence.ts'

type SignInFixtures = Pick<SentenceFixtures, 'request' | 'scenario'> &
  Pick<WorkerOptions, 'app'> & { deployed: object | undefined }

export const signingIn = [
  defineSentence(
    'As {login}',
    async ({ request, scenario, app, deployed }: SignInFixtures, login) => {
      // A local test is rolled back, and with it the session that a login has begun.
      const isKept = deployed !== undefined || app === undefined
      const signIn = () => (isKept ? signInOnce(scenario, request, login) : login.run())
      await (scenario.page ? pagesOf(scenario.page).withOwnWait(signIn) : signIn())
      await scenario.shareCookies(request)
    },
    {
      meaning:
        'signs in as the login of this name does; away from the local database, once for all scenarios of a worker',
      example: 'As "admin"',
    },
  ),
  defineSentence(
    'Sign In With Basic {string} {string}',
    ({ scenario }, user, password) => {
      const credentials = Buffer.from(`${user}:${password}`).toString('base64')
      scenario.setHeader('authorization', `Basic ${credentials}`, `Basic ${user}:${password}`)
    },
    {
      meaning: 'sends a user and a password with each following request, by HTTP Basic authentication',
      example: 'Sign In With Basic "ada" "${secret:PASSWORD}"',
    },
  ),
  defineSentence(
    'Sign In With Digest {string} {string}',
    ({ scenario }, user, password) => scenario.signInWithDigest({ user, password }),
    {
      meaning: 'answers challenges of HTTP Digest authentication of each following request',
      example: 'Sign In With Digest "ada" "${secret:PASSWORD}"',
    },
  ),
  defineSentence(
    'Use Storage State {string}',
    async ({ scenario }, file) => restore(scenario, readState(file, await readNamedFile(scenario.folder, file))),
    {
      meaning: 'takes the cookies and the local storage of a file that a test in TypeScript has written',
      example: 'Use Storage State "../playwright/.auth/admin.json"',
    },
  ),
  defineSentence(
    'Save Storage State {string}',
    async ({ request, scenario }, file) => {
      const { config, project } = test.info()
      const { folder }: { folder?: string } = Object(project.metadata).plainEnglish ?? {}
      const ofConfig = config.configFile === undefined ? config.rootDir : path.dirname(config.configFile)
      const projects = [...new Set([ofConfig, folder ?? ofConfig])]
      await saveStorageState(await storageStateOf(scenario, request), file, { folder: scenario.folder, projects })
    },
    {
      meaning: 'writes the cookies and the local storage to a file of the project, for tests in TypeScript',
      example: 'Save Storage State "../playwright/.auth/admin.json"',
    },
  ),
]
