-- The names of checks that have fallen, and that are still to be written into the message with the news `fell`: while a message
-- waits for the other results of its batch, it is not written anew for each of them.
alter table reprise.outbox add column fallen text[] not null default '{}';
