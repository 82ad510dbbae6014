# A list of notes, stored in PostgreSQL.
require "json"
require "pg"
require "webrick"

def with_db
  db = PG.connect(ENV.fetch("DATABASE_URL"))
  db.type_map_for_results = PG::BasicTypeMapForResults.new(db)
  yield db
ensure
  db&.close
end

def list_notes
  with_db { |db| db.exec("select id, title from notes order by id").to_a }
end

# All of them, or none.
def create_notes(titles)
  with_db do |db|
    db.transaction do
      titles.flat_map { |title| db.exec_params("insert into notes (title) values ($1) returning id, title", [title]).to_a }
    end
  end
end

def answer(response, status, body)
  response.status = status
  response.content_type = "application/json"
  response.body = JSON.generate(body)
end

server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ENV.fetch("PORT", 3000).to_i)

server.mount_proc("/health") { |_request, response| answer(response, 200, { status: "up" }) }

server.mount_proc("/notes") do |request, response|
  case request.request_method
  when "GET" then answer(response, 200, list_notes)
  when "POST" then answer(response, 201, create_notes(JSON.parse(request.body)["titles"]))
  else answer(response, 405, { error: "Use GET or POST." })
  end
rescue PG::UniqueViolation
  answer(response, 409, { error: "There is a note with this title." })
end

%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
server.start
