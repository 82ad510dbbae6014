-- `created` held one request, such as `DELETE https://api.example.com/orders/7`; now it holds a list of things in JSON.
update reprise.intents
   set created = jsonb_build_array(jsonb_build_object('remove', jsonb_build_array(jsonb_build_object('send', created))))::text
 where created is not null;
