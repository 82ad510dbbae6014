create table products (id int primary key, name text not null, stock int not null check (stock >= 0));
create table orders (id int generated always as identity primary key, customer text not null, created_at timestamptz not null default now());
create table order_lines (order_id int references orders, product_id int references products, quantity int not null, primary key (order_id, product_id));
insert into products values (1, 'Teapot', 3), (2, 'Cup', 40), (3, 'Saucer', 40), (4, 'Spoon', 25), (5, 'Tray', 2);
