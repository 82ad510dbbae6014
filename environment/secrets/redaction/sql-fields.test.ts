import { expect, test } from '@playwright/test'
import { fieldsInErrors, fieldsInSql } from './sql-fields.ts'

test('values that a statement compares or sets', () => {
  expect(fieldsInSql('select * from users where email = $2 and id = $1', ['7', 'ann@x.dev'])).toEqual([
    ['email', 'ann@x.dev'],
    ['id', '7'],
  ])
  expect(fieldsInSql(`update "users" set "full name" = 'O''Hara', email=$1`, ['ann@x.dev'])).toEqual([
    ['full name', "O'Hara"],
    ['email', 'ann@x.dev'],
  ])
  for (const sql of [
    'where lower(email) = lower($1)',
    'where u.email::text ILIKE $1',
    'where (email) is not distinct from $1',
    'where "users"."email" in ($1, $2)',
    'where email = any($1)',
  ]) {
    expect(fieldsInSql(sql, ['ann@x.dev']), sql).toEqual([['email', 'ann@x.dev']])
  }
  expect(fieldsInSql('where email = any($1)', ['{ann@x.dev,"b,c"}'])).toContainEqual(['email', 'ann@x.dev'])
})

test('values that a statement inserts', () => {
  const sql = `insert into public.users as u (id, "email", note) values ($1, lower($2), 'a, (b)'), (8, 'bob@x.dev', now()) returning id`
  expect(fieldsInSql(sql, ['7', 'ann@x.dev'])).toEqual([
    ['id', '7'],
    ['email', 'ann@x.dev'],
    ['note', 'a, (b)'],
    ['email', 'bob@x.dev'],
  ])
  expect(fieldsInSql('insert into users (email) values ($1', [])).toEqual([])
  expect(fieldsInSql("insert into users (email) values ('x", [])).toEqual([])
})

test('keys in errors', () => {
  expect(fieldsInErrors('Key (lower(email::text))=(ann@x.dev) already exists.')).toContainEqual(['email', 'ann@x.dev'])
  const two = 'detail: Key (tenant, "e mail")=(7, ann@x.dev) is not present in table "users".'
  expect(fieldsInErrors(two)).toEqual([
    ['tenant', '7'],
    ['e mail', 'ann@x.dev'],
  ])
  expect(fieldsInErrors('Key (a)=(b)')).toEqual([])
})
