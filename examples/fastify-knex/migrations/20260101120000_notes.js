export const up = knex =>
  knex.schema.createTable('notes', table => {
    table.increments('id')
    table.text('title').notNullable().unique()
  })

export const down = knex => knex.schema.dropTable('notes')
