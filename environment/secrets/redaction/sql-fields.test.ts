import { assertProportionalTime } from '../../../testing/proportional-time.ts'
import { expect, test } from '../../../testing/test.ts'
import { fieldsInSql, insertedFields } from './sql-fields.ts'

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

test('values behind functions, types, operators of JSON and operators that turn them round', () => {
  for (const sql of [
    'where lower(trim(email)) = lower(trim($1))',
    "where unaccent(lower(u.email::character varying)) like '%' || lower($1) || '%'",
    "where data->>'email' = $1",
    "where (data -> 'contact' ->> 'email')::text = $1::varchar(20)",
    "where data #>> '{contact,email}' = $1",
    "where data['email'] = $1",
    'where $1 = any(email)',
    'where email collate "C" = $1 /* = $1 */ -- = $1',
    "set email = coalesce(nullif($1, ''), email)",
    'call sign_in(email => $1)',
    'where email not in (lower($1), upper($1))',
  ]) {
    expect(fieldsInSql(sql, ['ann@x.dev']), sql).toContainEqual(['email', 'ann@x.dev'])
  }
  expect(fieldsInSql("where plan = $1 and email in (select email from x where id = 'abc')", ['free'])).toEqual([
    ['plan', 'free'],
    ['id', 'abc'],
  ])
})

test('rows that a statement compares or sets', () => {
  const two = [
    ['email', 'ann@x.dev'],
    ['tenant', '7'],
  ]
  const values = ['ann@x.dev', '7']
  for (const sql of [
    'where (email, tenant) = ($1, $2)',
    'where (lower(u.email), tenant) = row(lower($1), $2::int)',
    'update users set (email, tenant) = ($1, $2) where id = 3',
  ]) {
    expect(fieldsInSql(sql, values), sql).toEqual(two)
  }
  expect(fieldsInSql('where (email, tenant) in (($1, $2), ($3, $4))', [...values, 'bob@x.dev', '8'])).toEqual([
    ...two,
    ['email', 'bob@x.dev'],
    ['tenant', '8'],
  ])
})

test('values of arrays that a statement inserts', () => {
  const parameters = ['{7,8}', '{ann@x.dev,bob@x.dev}']
  for (const sql of [
    'insert into users (id, email) select unnest($1::int[]), lower(unnest($2::text[]))',
    'insert into users (id, email) select * from unnest($1::int[], $2::text[]) as rows (a, b)',
    'merge into users when not matched then insert (id, email) values ($1, $2)',
  ]) {
    const fields = fieldsInSql(sql, parameters)
    for (const one of ['ann@x.dev', 'bob@x.dev']) expect(fields, sql).toContainEqual(['email', one])
    expect(fields, sql).not.toContainEqual(['id', 'ann@x.dev'])
  }
  expect(insertedFields("insert into users (email) values ('ann@x.dev')", [])).toEqual([['email', 'ann@x.dev']])
  expect(insertedFields("update users set email = 'ann@x.dev'", [])).toBeUndefined()
})

test('a search takes time in proportion to the text', () => {
  for (const part of [
    `select email::text${' '.repeat(1000)}`,
    'a.',
    '(',
    'x = (',
    'email::a ',
    'insert ',
    'insert into a (b) select ',
    '$1 || ',
    '/*',
    "'",
    '"',
    "''x",
  ]) {
    assertProportionalTime(64_000, length => fieldsInSql(part.repeat(Math.ceil(length / part.length)), []))
  }
})
