/**
 * Claims due slots of one environment and due time for one instance, as many as its share.
 *
 * $1 id of the instance. $2 its location. $3 how many slots it has room for. $4 after how many milliseconds without a
 * heartbeat an instance is dead. $5 for how many milliseconds a slot is shared out by capacity. $6 the instance's
 * capacity. $7 names of the checks that it can replay, or null for all. $8 names of environments to leave out.
 */
export const claimQuery = `
  -- The oldest due slot whose check is not being replayed at this location. Its environment, due time and kind are those
  -- of the claim. Skip locked: a slot that another instance is claiming is left to it. Slots of more than two days ago
  -- are no longer judged, so they are not replayed. An instance that was removed as dead claims nothing.
  with head as materialized (
    select slot.environment, slot.due, slot.kind
      from reprise.slots slot join reprise.seats seat using (check_name, location)
     where slot.state = 'due' and slot.location = $2 and seat.taken_by is null
       and slot.due <= clock_timestamp() and slot.due > now() - interval '48 hours'
       and ($7::text[] is null or slot.check_name = any($7))
       and slot.environment <> all($8::text[])
       and exists (select from reprise.instances where id = $1)
     order by slot.due limit 1
       for no key update of slot, seat skip locked
  ),
  -- How many of these slots the instance may claim. While they have only just come due: its part of the capacity of all
  -- live instances at the location, less what it has claimed of them already. Later: all that it has room for.
  share as (
    select case when head.due < clock_timestamp() - $5 * interval '1 ms' then $3::integer
                else least($3::integer, ceil(due.slots * $6::numeric / greatest($6, live.capacity)) - due.own)::integer
           end as size
      from head,
      lateral (select count(*) as slots, count(*) filter (where instance = $1) as own from reprise.slots
                where (due, environment, kind, location) = (head.due, head.environment, head.kind, $2)
                  and state in ('due', 'claimed', 'running', 'done')) due,
      lateral (select coalesce(sum(capacity), 0) as capacity from reprise.instances
                where location = $2 and heartbeat_at > clock_timestamp() - $4 * interval '1 ms') live
  ),
  -- The slots of the claim, locked: those first whose check was replayed the longest ago, so that with too little room
  -- each check has its turn.
  taken as materialized (
    select slot.check_name, slot.due, slot.location, slot.kind
      from head
      join reprise.slots slot on (slot.due, slot.environment, slot.kind) = (head.due, head.environment, head.kind)
      join reprise.seats seat on (seat.check_name, seat.location) = (slot.check_name, slot.location)
      join reprise.checks on checks.name = slot.check_name
     where slot.state = 'due' and slot.location = $2 and seat.taken_by is null
       and ($7::text[] is null or slot.check_name = any($7))
     order by checks.last_replay ->> 'due' nulls first, slot.check_name
     limit greatest(0, (select size from share))
       for no key update of slot, seat skip locked
  ),
  -- Marks the checks as being replayed at this location: one replay at a time.
  occupied as (
    update reprise.seats seat set taken_by = taken.due from taken
     where (seat.check_name, seat.location) = (taken.check_name, taken.location)
  )
  update reprise.slots slot set state = 'claimed', instance = $1 from taken
   where (slot.check_name, slot.due, slot.location, slot.kind)
       = (taken.check_name, taken.due, taken.location, taken.kind)
  returning slot.check_name as check, slot.due, slot.location, slot.kind, slot.environment`
