// Defines the schemas of the API's description, and helpers for references to them.
import { z } from 'zod'
import { Plan } from './plans.ts'
import { User, UserChange, UserDraft } from './users/schema.ts'

/** A required JSON body. */
export function body(component: string) {
  return { required: true, content: { 'application/json': { schema: ref(component) } } }
}

/** A response in JSON. */
export function json(description: string, schema: object) {
  return { description, content: { 'application/json': { schema } } }
}

/** A response that is a problem document. */
export function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: ref('Problem') } } }
}

/** A reference to one of the schemas. */
export function ref(component: string) {
  return { $ref: `#/components/schemas/${component}` }
}

function schema(type: z.ZodType, io: 'input' | 'output' = 'input'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io })
  return rest
}

const ProblemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  requestId: z.string(),
  errors: z
    .array(z.object({ pointer: z.string().optional(), parameter: z.string().optional(), detail: z.string() }))
    .optional(),
})

/** Every schema by name, for `components`. */
export const schemas = {
  User: schema(User),
  // The output schema: formats and lengths are checked after trimming.
  UserDraft: schema(UserDraft, 'output'),
  UserChange: schema(UserChange, 'output'),
  UserPage: {
    type: 'object',
    required: ['users', 'next'],
    properties: { users: { type: 'array', items: ref('User') }, next: { type: ['string', 'null'] } },
  },
  Plan: schema(Plan),
  PlanList: {
    type: 'object',
    required: ['plans'],
    properties: { plans: { type: 'array', items: ref('Plan') } },
  },
  Problem: schema(ProblemDocument),
}
