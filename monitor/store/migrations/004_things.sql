-- What an intent has created was a line, such as `DELETE https://api.example.com/orders/7`; it is a list of things now.
update reprise.intents
   set created = jsonb_build_array(jsonb_build_object('remove', jsonb_build_array(jsonb_build_object('send', created))))::text
 where created is not null;
