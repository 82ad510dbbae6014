import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { options } from './data-source'
import { HealthController } from './health.controller'
import { Note } from './notes/note.entity'
import { NotesController } from './notes/notes.controller'
import { NotesService } from './notes/notes.service'

@Module({
  imports: [TypeOrmModule.forRoot(options), TypeOrmModule.forFeature([Note])],
  controllers: [HealthController, NotesController],
  providers: [NotesService],
})
export class AppModule {}
