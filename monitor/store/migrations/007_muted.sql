-- Channels counted as notified of messages that were muted after they had been written. They are not, and so receive no end.
delete from reprise.open_alerts alert
 where (select delivered_at is not null and last_error = 'muted'
          from reprise.outbox cross join jsonb_array_elements(message -> 'checks') shown
         where (outbox.incident, outbox.channel, shown ->> 'name') = (alert.incident, alert.channel, alert.check_name)
           and shown ->> 'news' in ('fell', 'unknown')
         order by position desc limit 1);
