// Defines users, and validates requests about them.
import { z } from 'zod'
import { decodeCursor } from './cursor.ts'

/** ASCII only, so that case-insensitive comparison is the same in every locale. */
const Email = z.string().trim().pipe(z.email('This is not an email address.').max(255, 'At most 255 characters.'))

const Name = z
  .string()
  .trim()
  // Counted in code points, as in Postgres and JSON Schema: an emoji is one, and two in JavaScript.
  .refine(name => [...name].length <= 100, 'At most 100 characters.')
  // Postgres cannot store NUL, UTF-8 has no lone surrogates, and a line break makes one name look like two.
  .refine(name => !/[\p{Cc}\p{Cs}]/u.test(name), 'Control characters and broken Unicode are not allowed.')
  .refine(name => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), 'At least one visible character.')
  .meta({ minLength: 1, maxLength: 100 })

/** The database knows the plans: this only refuses ids that no plan can have. */
const PlanId = z.string().regex(/^[a-z-]{1,50}$/, 'There is no such plan.')

/** A user in the API. */
export const User = z.object({
  id: z.string().meta({ format: 'uuid' }),
  email: z.string(),
  name: z.string(),
  plan: z.string(),
  createdAt: z.string().meta({ format: 'date-time' }),
  updatedAt: z.string().meta({ format: 'date-time' }),
})
export type User = z.infer<typeof User>

/** The body of `POST /users`. */
export const UserDraft = z.strictObject({ email: Email, name: Name, plan: PlanId.optional() })
export type UserDraft = z.infer<typeof UserDraft>

/** The body of `PATCH /users/{id}`. */
export const UserChange = UserDraft.partial()
  .refine(change => Object.keys(change).length > 0, 'At least one of email, name and plan is required.')
  .meta({ minProperties: 1 })
export type UserChange = z.infer<typeof UserChange>

/** The query of `GET /users`. */
export const UserQuery = z.object({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'A whole number from 1 to 100.')
    .transform(Number)
    .default(20),
  cursor: z
    .string()
    .transform(decodeCursor)
    .refine(position => position !== undefined, 'Not a cursor from this API: take it from next.')
    .optional(),
  email: Email.optional(),
})
export type UserQuery = z.infer<typeof UserQuery>

/** Whether an id is a UUID, as all ids of users are. */
export function isUserId(id: unknown): id is string {
  return z.uuid().safeParse(id).success
}
