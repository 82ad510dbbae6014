// Stores users in the database.
import type { Pool } from 'pg'
import type { Position } from './cursor.ts'
import { explainRefusal } from './refusal.ts'
import type { User, UserChange, UserDraft } from './schema.ts'

/** Selects users: at most `limit`, after a position, with an email. */
interface UserSelection {
  limit: number
  after?: Position | undefined
  email?: string | undefined
}

/** Reads and writes users. Its writes throw a Problem for a taken email and an unknown plan. */
export interface UserStore {
  /** Newest first. */
  list(selection: UserSelection): Promise<User[]>
  find(id: string): Promise<User | undefined>
  add(draft: UserDraft): Promise<User>
  /** Undefined if there is no such user, as for `find`. */
  change(id: string, change: UserChange): Promise<User | undefined>
  /** False if there was no such user. */
  remove(id: string): Promise<boolean>
}

/** A store that uses the database of a pool. */
export function userStore(pool: Pool): UserStore {
  const users = async (sql: string, values: unknown[]) => (await pool.query<UserRow>(sql, values)).rows.map(toUser)

  return {
    list: ({ limit, after, email }) =>
      users(
        `select ${COLUMNS} from users
         where ($1::timestamptz is null or (created_at, id) < ($1, $2::uuid))
           and ($3::text is null or lower(email) = lower($3))
         order by created_at desc, id desc
         limit $4`,
        [after?.createdAt, after?.id, email, limit],
      ),

    find: async id => (await users(`select ${COLUMNS} from users where id = $1`, [id]))[0],

    add: async ({ email, name, plan }) => {
      // Without a plan, the column's default applies.
      const [row, values] =
        plan === undefined
          ? ['(email, name) values ($1, $2)', [email, name]]
          : ['(email, name, plan) values ($1, $2, $3)', [email, name, plan]]
      const [user] = await users(`insert into users ${row} returning ${COLUMNS}`, values).catch(explainRefusal)
      if (user === undefined) throw new Error('insert into users returned no row')
      return user
    },

    change: async (id, { email, name, plan }) => {
      // Always later than before: two changes within a millisecond have different times.
      const [user] = await users(
        `update users
         set email = coalesce($2, email), name = coalesce($3, name), plan = coalesce($4, plan),
             updated_at = greatest(clock_timestamp(), updated_at + interval '1 millisecond')
         where id = $1 returning ${COLUMNS}`,
        [id, email, name, plan],
      ).catch(explainRefusal)
      return user
    },

    remove: async id => (await pool.query('delete from users where id = $1', [id])).rowCount === 1,
  }
}

const COLUMNS = 'id, email, name, plan, created_at, updated_at'

interface UserRow {
  id: string
  email: string
  name: string
  plan: string
  created_at: Date
  updated_at: Date
}

function toUser({ created_at, updated_at, ...columns }: UserRow): User {
  return { ...columns, createdAt: created_at.toISOString(), updatedAt: updated_at.toISOString() }
}
