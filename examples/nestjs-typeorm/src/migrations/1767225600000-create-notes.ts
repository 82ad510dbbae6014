import type { MigrationInterface, QueryRunner } from 'typeorm'

export class CreateNotes1767225600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table note (id serial primary key, title text not null unique)')
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table note')
  }
}
