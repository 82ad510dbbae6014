import { DataSource, type DataSourceOptions } from 'typeorm'
import { CreateNotes1767225600000 } from './migrations/1767225600000-create-notes'
import { Note } from './notes/note.entity'

export const options: DataSourceOptions = {
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [Note],
  migrations: [CreateNotes1767225600000],
}

export default new DataSource(options)
