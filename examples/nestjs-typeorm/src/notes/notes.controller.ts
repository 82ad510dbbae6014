import { Body, Controller, Get, Post } from '@nestjs/common'
import { NotesService } from './notes.service'

@Controller('notes')
export class NotesController {
  constructor(private readonly notesService: NotesService) {}

  @Get()
  findAll() {
    return this.notesService.findAll()
  }

  @Post()
  create(@Body() body: { titles: string[] }) {
    return this.notesService.create(body.titles)
  }
}
