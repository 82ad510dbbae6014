// Converts constraint violations to problems of the API.
import { Problem } from '../problem.ts'
import { invalidRequest } from '../validation.ts'

/** Throws the problem for a violated constraint, or the error itself if there is none for it. */
export function explainRefusal(error: unknown): never {
  const constraint = error instanceof Error && 'constraint' in error ? error.constraint : undefined
  if (constraint === 'users_email_key') {
    throw new Problem(409, {
      type: 'urn:problem-type:email-taken',
      title: 'Email taken',
      detail: 'Another user has this email address.',
      errors: [{ pointer: '#/email', detail: 'Another user has this email address.' }],
    })
  }
  if (constraint === 'users_plan_fkey') {
    throw invalidRequest(422, [{ pointer: '#/plan', detail: 'There is no such plan.' }])
  }
  throw error
}
