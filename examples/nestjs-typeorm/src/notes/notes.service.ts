import { ConflictException, Injectable } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { QueryFailedError, Repository } from 'typeorm'
import { Note } from './note.entity'

@Injectable()
export class NotesService {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  findAll(): Promise<Note[]> {
    return this.notes.find({ order: { id: 'ASC' } })
  }

  /** All of them, or none. */
  async create(titles: string[]): Promise<Note[]> {
    try {
      return await this.notes.save(titles.map(title => this.notes.create({ title })))
    } catch (error) {
      if (error instanceof QueryFailedError && error.driverError.code === '23505') {
        throw new ConflictException('There is a note with this title.')
      }
      throw error
    }
  }
}
